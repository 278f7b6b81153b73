// The keeper's event loop and state. Its purpose is in keeper.hpp.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/cleanup/hand_out.hpp"
#include "vlmshim/cleanup/killing.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/keeper/keeper_world.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class Keeper {
public:
    /// All references outlive the keeper. `reporting`: for a killed supervisor.
    Keeper(const Config& config, Log& log, KeeperWorld& world, Processes& processes, const Sockets& sockets,
           ReportOutlets reporting, Pid supervisor, FamilyScope scope);

    /// Returns when the supervisor has ended and no process of the run is left, with the status to exit with.
    ExitStatus run();

private:
    void on_signals();
    bool is_relayed(const SignalInfo& info) const;
    bool is_of_run_or_caller(Pgid group) const;
    bool give_terminal_to_caller();
    void request_terminal();
    void schedule_next_request();
    std::optional<Millis> longest_wait() const;
    void relay(const SignalInfo& info);
    void send_queued();
    void on_link();
    void on(const os::to_keeper::Shared& shared);
    void on(const os::to_keeper::Stopped& stopped);
    void on(const os::to_keeper::Verdict& verdict);
    void on(const os::to_keeper::GaveUp& gave_up);
    Family::Children reap();

    // at the end, above all when the supervisor has died without a verdict (orphans.cpp)
    void wait_for_supervisor();
    void read_late_signals();
    void wait_until_shell_saw_caller_continue();
    bool supervisor_failed() const;
    ExitStatus end_orphans();
    void end_family(Family& family, EndedLog& ended);
    void wait_for_orphans(const Family& family, Millis limit);
    void report_holders(EndedLog& ended);
    ExitStatus report(const std::string& why, const EndedLog& ended);

    const Config& config_;
    Log& log_;
    KeeperWorld& world_;
    Processes& processes_;
    const Sockets& sockets_;
    ReportOutlets reporting_;
    Pid supervisor_;
    FamilyScope scope_;
    std::deque<os::ToSupervisor> queued_;  // until there is room on the link
    /// Members of the caller's group are stopped because they have no access to the terminal.
    struct WaitForTerminal {
        SignalInfo stopped_by;
        std::optional<Millis> request_at{};  // nullopt: a process that is not of the run has the terminal
        Millis pause = terminal_ask_again;   // before the next request
    };
    std::optional<WaitForTerminal> caller_waits_;
    std::optional<Millis> terminal_given_at_;  // last, to the caller's group
    std::optional<ExitStatus> verdict_;
    std::optional<os::to_keeper::GaveUp> gave_up_;
    std::optional<ExitStatus> supervisors_end_;
    Family::Children children_ = Family::Children::Some;
    std::size_t reaped_ = 0;
    bool run_is_over_ = false;  // by the supervisor's verdict, or by its death
    RunReport report_;
    Millis started_;
};

}  // namespace vlmshim
