// When the supervisor has died without a verdict, the keeper ends its orphans itself: its own children by now, or,
// where it is no subreaper, the processes that carry the run's VLMSHIM_RUN.
#include <algorithm>

#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/cleanup/stopping.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/words.hpp"
#include "vlmshim/keeper/keeper_process.hpp"

namespace vlmshim {

/// The link closes a moment before the process has exited, and only then are its orphans ours.
void Keeper::wait_for_supervisor() {
    const Millis deadline = world_.now() + kill_give_up;
    for (reap(); !supervisors_end_ && world_.now() < deadline; reap()) {
        world_.wait_for_signal(supervisor_look_again);
        read_late_signals();
    }
    read_late_signals();
}

/// All other signals are too late to matter; but processes that stopped for access to the terminal would stay stopped.
void Keeper::read_late_signals() {
    for (const SignalInfo& info : world_.read_signals()) {
        if (is_terminal_access_stop(info.signal) && is_relayed(info)) {
            caller_waits_ = WaitForTerminal{info};
        }
    }
    if (caller_waits_) {
        give_terminal_to_caller();
    }
}

void Keeper::wait_until_shell_saw_caller_continue() {
    while (terminal_given_at_ && world_.now() < *terminal_given_at_ + shell_sees_turn) {
        world_.wait_for_signal(*terminal_given_at_ + shell_sees_turn - world_.now());
        read_late_signals();
    }
}

/// It ended by itself, and its verdict did not arrive.
bool Keeper::supervisor_failed() const {
    return gave_up_ || (supervisors_end_ && supervisors_end_->kind == ExitStatus::Kind::Exited);
}

ExitStatus Keeper::end_orphans() {
    const Millis started = world_.now();
    const std::string how = gave_up_ ? "gave up" : (supervisors_end_ ? describe(*supervisors_end_) : "is gone");
    log_.error("the supervisor (pid ", supervisor_, ") ", how, ": ending what is left of the run");
    world_.take_terminal_back_from(Pgid{supervisor_.value});
    EndedLog ended(processes_, reporting_.files.wanted() ? EndedLog::Wanted::Yes : EndedLog::Wanted::No,
                   [this] { return world_.now() - started_; });
    Family family(processes_, scope_);
    end_family(family, ended);
    report_holders(ended);
    const std::string why = std::string("the run was ended because its supervisor ") +
                            (supervisor_failed() ? "failed, " : "was killed, ") + count_of(family.seen(), "process") +
                            " in " + describe_duration(world_.now() - started);
    log_.error(why, " (exit status ", exit_own_failure, ")");
    log_.annotate_failure(why);
    return report(why, ended);
}

/// The stop signal and a short grace, then SIGKILL in rounds.
void Keeper::end_family(Family& family, EndedLog& ended) {
    Stopping stopping(processes_, family, ended, log_);
    Killing killing(processes_, family, ended, log_);
    stopping.stop_leftovers(family.outside({}));
    wait_for_orphans(family, abandoned_grace);
    if (family.is_empty(children_)) {
        return;
    }
    const auto reap_all = [this] { return reap(); };
    for (;;) {
        const std::size_t before = reaped_;
        switch (killing.step(reap_all, world_.now())) {
            case Killing::State::Gone:
                return;
            case Killing::State::GoesOn:
                break;
            case Killing::State::GaveUp:
                killing.report_survivors();
                return;
        }
        wait_for_orphans(family, kill_round_pause);
        if (reaped_ != before) {
            killing.progress(world_.now());
        }
    }
}

void Keeper::wait_for_orphans(const Family& family, Millis limit) {
    const Millis deadline = world_.now() + limit;
    for (;;) {
        reap();
        const Millis left = deadline - world_.now();
        if (family.is_empty(children_) || left <= Millis{0}) {
            return;
        }
        world_.wait_for_signal(family.needs_search() ? std::min(left, search_again) : left);
        read_late_signals();
    }
}

/// Logs them only: which of them held a port before the run, only the supervisor knew.
void Keeper::report_holders(EndedLog& ended) {
    const PortNumbers numbers(config_);
    PortGuard guard(config_.ports, numbers, sockets_, processes_, ended, log_);
    switch (guard.look(LookTime::After)) {
        case PortsState::Free:
            break;
        case PortsState::Endable:
        case PortsState::Settling:
        case PortsState::Held:
            guard.report_holders();
            break;
    }
}

/// In place of the supervisor, whose own report says "running" at most.
ExitStatus Keeper::report(const std::string& why, const EndedLog& ended) {
    const ExitStatus status = ExitStatus::exited(exit_own_failure);
    report_.duration = world_.now() - started_;
    report_.status = status;
    report_.cause = supervisor_failed() ? Cause::SupervisorFailed : Cause::SupervisorKilled;
    report_.reason = why;
    if (reporting_.files.wanted()) {
        add_surroundings(report_, config_);
        add_ended(report_, ended);
        add_told(report_, log_, started_);
        report_.ports_after = look_up(sockets_, processes_, config_.ports.guard);
        reporting_.files.take_over();
    }
    hand_out(report_, reporting_, log_);
    return status;
}

}  // namespace vlmshim
