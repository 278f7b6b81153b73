// The guarded ports: who listens, who of them may be ended, whether they are free.
#pragma once

#include <spdlog/logger.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/evictions.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim {

/// Whose socket would answer a connection to an address.
struct ListenerOwner {
    enum class Kind { Ours, Foreign, Unknown };
    Kind kind = Kind::Unknown;
    std::string who;  // Foreign: pid, user, command
};

class PortGuard {
public:
    PortGuard(const PortsConfig& config, spdlog::logger& log);

    void record_into(EndedLog& ended) { evictions_.record_into(ended); }

    /// Before anything is started. Says in the log what is in the way.
    PortsState look_before();
    /// When no descendant is left.
    PortsState look_after();
    /// To those that the last look found endable; for a dead run, to everything of that run.
    void end_holders(Signal signal);
    /// Names those that the last look found and that stay.
    void report_holders() const;

    /// Of the last look, for one line: "port 8080 is busy: pid ... listens on ...".
    std::string why_busy() const;

    /// Ports that were chosen for this run (port = "auto"). Nobody else has to know of that: who takes
    /// such a number when we are done with it is never ended, and no concern of ours if it is
    /// another living run.
    void set_chosen(std::set<Port> ports) { chosen_ = std::move(ports); }

    /// Held before the run and to be used as it is (busy = "reuse").
    bool is_reused(Port port) const { return reused_.contains(port); }

    /// For a readiness answer that came from `address` (nullopt: any) and `port`. Ours: every
    /// socket that could have answered belongs to a descendant of ours that is not below one of
    /// `others` (the main processes of the other servers).
    static ListenerOwner owner_of(const std::optional<Address>& address, Port port, const std::vector<Pid>& others);

private:
    struct Obstacle {
        Listener listener;
        std::optional<os::ProcessIdentity> process;  // nullopt: not visible
        std::string who;
        HolderVerdict verdict;
    };

    std::vector<Obstacle> find_obstacles(bool before);
    HolderVerdict judge_after_run(const Listener& listener, HolderFacts facts) const;
    PortsState take(std::vector<Obstacle> obstacles);
    void mark_reused(const std::vector<Obstacle>& obstacles);
    bool binds_work() const;
    void confirm_by_bind() const;
    void say_busy() const;

    const PortsConfig& config_;
    spdlog::logger& log_;
    std::vector<Obstacle> obstacles_;          // of the last look
    Evictions evictions_;                      // to be gone before the ports count as free
    std::set<os::ProcessIdentity> announced_;  // named in the log already
    std::set<Port> reused_;
    std::set<Port> chosen_;
    int settling_looks_ = 0;
};

}  // namespace vlmshim
