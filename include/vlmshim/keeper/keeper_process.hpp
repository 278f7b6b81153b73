// The outer process at work. keeper.hpp says what it is for.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/cleanup/killing.hpp"
#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/keeper/keeper_world.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

/// Where a keeper reports in place of its supervisor, and how long it waits for who reads that.
struct KeepersReport {
    ReportFile& file;
    os::ReaderWait& reader;
};

class Keeper {
public:
    /// All references outlive the keeper. `scope`: what else than the supervisor is of the run, or is a child and is
    /// not.
    Keeper(const Config& config, Log& log, KeeperWorld& world, Processes& processes, const Sockets& sockets,
           KeepersReport reporting, Pid supervisor, FamilyScope scope);

    /// Until the supervisor has ended, and nothing of the run is left. Returns how this process has to end.
    ExitStatus run();

private:
    void on_signals();
    bool is_relayed(const SignalInfo& info) const;
    bool is_one_of_two_groups(Pgid group) const;
    bool has_callers_turn();
    void plan_to_ask_for_callers_turn();
    void callers_group_stops_for_terminal(const SignalInfo& info);
    void ask_again_for_callers_turn();
    std::optional<Millis> longest_wait() const;
    void relay(const SignalInfo& info);
    void send_waiting();
    void on_link();
    void on(const os::to_keeper::Shared& shared);
    void on(const os::to_keeper::Stopped& stopped);
    void on(const os::to_keeper::Verdict& verdict);
    void on(const os::to_keeper::GaveUp& gave_up);
    Family::Children reap();

    // when the supervisor is gone without a verdict (orphans.cpp)
    void wait_for_supervisor();
    void read_late_signals();
    void let_shell_see_callers_turn();
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
    KeepersReport reporting_;
    Pid supervisor_;
    FamilyScope scope_;
    std::deque<os::ToSupervisor> waiting_;  // for room on the link
    /// Members of the caller's group have stopped for want of it.
    struct WaitForTerminal {
        SignalInfo stopped_by;
        std::optional<Millis> ask_at;  // nullopt: who else has the terminal is not of the run
        Millis pause;
    };
    std::optional<WaitForTerminal> callers_group_waits_;
    std::optional<Millis> callers_turn_at_;  // the last one
    std::optional<ExitStatus> verdict_;
    std::optional<ExitStatus> gave_up_;
    std::optional<ExitStatus> supervisors_end_;
    Family::Children children_ = Family::Children::Some;
    std::size_t reaped_ = 0;
    bool over_ = false;
    RunReport report_;
    Millis born_;
};

}  // namespace vlmshim
