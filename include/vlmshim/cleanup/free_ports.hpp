// `vlmshim --free`: ends whoever listens on the ports, by the rules of a run with busy = "kill".
#pragma once

#include <functional>
#include <set>

#include "vlmshim/cleanup/evictions.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/free_result.hpp"

namespace vlmshim {

class FreePorts {
public:
    /// All outlive it. PortNamed::No: what dead runs have left elsewhere is ended too, and runs that work keep
    /// their ports. `now` is of a clock that never jumps.
    FreePorts(const Config& config, PortNamed named, const Sockets& sockets, Processes& processes, Log& log,
              std::function<Millis()> now);

    /// Returns when they are free, or what stays was reported. At most the shutdown grace and
    /// 1.5 s, unless somebody starts what is ended again and again: then twice that.
    FreeResult run();

private:
    void look();
    void end_one(const PortHolder& holder);
    void add_dead_leftovers();
    void end_them();
    void kill_them();
    void wait_for_ends(Millis limit);
    void report(Millis took) const;

    const PortsConfig& config_;
    Millis grace_;
    PortNamed named_;
    const Sockets& sockets_;
    Processes& processes_;
    Log& log_;
    std::function<Millis()> now_;
    EndedLog ended_;
    Evictions evictions_;
    std::set<ProcessIdentity> announced_;
    FreeResult result_;
};

}  // namespace vlmshim
