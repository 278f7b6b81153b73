// `vlmshim --free`: ends the processes that listen on the ports, by the rules of a run with busy = "kill".
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
    /// All outlive it. PortNamed::No: all other leftovers of dead runs are ended too, and live runs keep their ports.
    /// `now` is of a clock that never jumps.
    FreePorts(const Config& config, PortNamed named, const Sockets& sockets, Processes& processes, Log& log,
              std::function<Millis()> now);

    /// Returns when the ports are free, or what stays was logged: after at most the shutdown grace and 1.5 s, or twice
    /// that if the processes are started again.
    FreeResult run();

private:
    void look();
    void add(const PortHolder& holder);
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
