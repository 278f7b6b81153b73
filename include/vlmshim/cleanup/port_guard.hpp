// The guarded ports: who listens, who of them may be ended, whether they are free.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/evictions.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/busy_port.hpp"

namespace vlmshim {

class PortGuard {
public:
    /// All outlive it. Chosen ports (port = "auto") are no secret that anybody else could know: what takes such a
    /// number when we are done with it is never ended, and no concern of ours if it is another living run.
    PortGuard(const PortsConfig& config, const PortNumbers& numbers, const Sockets& sockets, Processes& processes,
              EndedLog& ended, Log& log);

    /// Before: before anything is started; when more are in the way than why_busy() has room for, it says so in the
    /// log. After: when no descendant is left.
    PortsState look(LookTime when);
    /// To those that the last look found endable; for a dead run, to everything of that run.
    void end_holders(Signal signal);
    /// Names those that the last look found and that stay.
    void report_holders() const;

    /// Of the last look, for one line: "port 8080 is busy: pid ... listens on ...", and what can be done about it.
    std::string why_busy() const;

    /// Held before the run and to be used as it is (busy = "reuse").
    bool is_reused(Port port) const { return reused_.contains(port); }

private:
    struct Obstacle {
        Listener listener;
        std::optional<ProcessIdentity> process;  // nullopt: not visible
        RunOfProcess run;
        std::string who;
        HolderVerdict verdict;
        HolderFacts facts{};
    };

    struct Found {
        std::vector<Obstacle> obstacles{};
        std::size_t not_classified = 0;  // listeners: the answer was known before
        os::ListenerSource source = os::ListenerSource::Netlink;
        std::size_t refused = 0;  // processes that could not be looked into
        std::error_code error{};  // the list of listeners could not be had
    };
    struct Holders;

    PortsState look_before();
    PortsState look_after();
    Found find_obstacles(LookTime when) const;
    RunOfProcess run_of_holder(Pid pid, LookTime when) const;
    std::vector<Obstacle> obstacles_of(const Listener& listener, Holders& holders, LookTime when) const;
    HolderVerdict classify(const Listener& listener, const HolderFacts& facts, LookTime when) const;
    PortsState take(Found found, LookTime when);
    void mark_reused(const std::vector<Obstacle>& obstacles);
    bool binds_work() const;
    void confirm_by_bind() const;
    void say_who_else() const;
    std::vector<BusyHolder> busy_holders() const;
    BusyHolder busy_holder(const Obstacle& obstacle) const;
    void say_more() const;

    const PortsConfig& config_;
    const PortNumbers& numbers_;
    const Sockets& sockets_;
    Processes& processes_;
    Log& log_;
    Found last_;                           // of the last look
    Evictions evictions_;                  // to be gone before the ports count as free
    std::set<ProcessIdentity> announced_;  // named in the log already
    std::set<Port> reused_;
    int settling_looks_ = 0;
};

}  // namespace vlmshim
