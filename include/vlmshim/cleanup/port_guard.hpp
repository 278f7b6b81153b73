// The guarded ports: which processes listen there, which of these may be ended, and whether the ports are free.
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
    /// All outlive it. A chosen port (port = "auto") cannot be known to others as claimed: a process that listens there
    /// after the run is never ended, and not even reported if it is of another live run.
    PortGuard(const PortsConfig& config, const PortNumbers& numbers, const Sockets& sockets, Processes& processes,
              EndedLog& ended, Log& log);

    /// Before: before anything is started; holders beyond the first, which why_busy() names, are logged. After: when no
    /// descendant is left.
    PortsState look(LookTime when);
    /// Signals the processes that the last look found endable, and all other processes of the dead runs among theirs.
    void end_holders(Signal signal);
    /// Logs the holders that the last look has found.
    void report_holders() const;

    /// One line about the last look: "port 8080 is busy: pid ... listens on ...", and what can be done about it.
    std::string why_busy() const;

    /// It was held before the run, and is used as it is (busy = "reuse").
    bool is_reused(Port port) const { return reused_.contains(port); }

private:
    struct Obstacle {
        Listener listener;
        std::optional<ProcessIdentity> process;  // nullopt: not visible
        RunOfProcess run;
        std::string holder;  // for messages
        HolderVerdict verdict;
        HolderFacts facts{};
    };

    struct Found {
        std::vector<Obstacle> obstacles{};
        std::size_t not_classified = 0;  // listeners, after enough_refusals
        os::ListenerSource source = os::ListenerSource::Netlink;
        std::size_t refused = 0;  // processes that could not be looked into
        std::error_code error{};  // the kernel's list could not be read
    };
    struct Holders;

    PortsState look_before();
    PortsState look_after();
    Found find_obstacles(LookTime when) const;
    RunOfProcess run_of_holder(Pid pid, LookTime when) const;
    std::vector<Obstacle> obstacles_of(const Listener& listener, Holders& holders, LookTime when) const;
    HolderVerdict classify(const Listener& listener, const HolderFacts& facts, LookTime when) const;
    PortsState conclude(Found found, LookTime when);
    void mark_reused(const std::vector<Obstacle>& obstacles);
    bool binds_work() const;
    void confirm_by_bind() const;
    void log_other_holders() const;
    std::vector<BusyHolder> busy_holders() const;
    BusyHolder busy_holder(const Obstacle& obstacle) const;
    void log_not_classified() const;

    const PortsConfig& config_;
    const PortNumbers& numbers_;
    const Sockets& sockets_;
    Processes& processes_;
    Log& log_;
    Found last_;                           // of the last look
    Evictions evictions_;                  // have to end before the ports count as free
    std::set<ProcessIdentity> announced_;  // logged already
    std::set<Port> reused_;
    int settling_looks_ = 0;
};

}  // namespace vlmshim
