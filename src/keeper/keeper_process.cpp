#include "vlmshim/keeper/keeper_process.hpp"

#include <algorithm>

#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Keeper::Keeper(const Config& config, Log& log, KeeperWorld& world, Processes& processes, const Sockets& sockets,
               ReportOutlets reporting, Pid supervisor, FamilyScope scope)
    : config_(config),
      log_(log),
      world_(world),
      processes_(processes),
      sockets_(sockets),
      reporting_(reporting),
      supervisor_(supervisor),
      scope_(std::move(scope)),
      report_(begin_report(config, ReportWriter::Keeper)),
      started_(world.now()) {}

ExitStatus Keeper::run() {
    while (!run_is_over_) {
        world_.wait(longest_wait());
        send_queued();
        if (caller_waits_ && caller_waits_->request_at && world_.now() >= *caller_waits_->request_at) {
            request_terminal();
        }
        on_signals();
        on_link();
    }
    wait_for_supervisor();
    wait_until_shell_saw_caller_continue();
    if (verdict_) {
        return *verdict_;
    }
    const Family family(processes_, scope_);
    const bool is_over = gave_up_ && gave_up_->is_reported && family.is_empty(children_);
    return is_over ? gave_up_->status : end_orphans();
}

void Keeper::on_signals() {
    for (const SignalInfo& info : world_.read_signals()) {
        if (info.signal == sigchld) {
            reap();
        } else if (is_relayed(info) && is_terminal_access_stop(info.signal)) {
            caller_waits_ = WaitForTerminal{info};
            request_terminal();
        } else if (is_relayed(info)) {
            relay(info);
        }
    }
}

std::optional<Millis> Keeper::longest_wait() const {
    if (!queued_.empty()) {
        return link_try_again;
    }
    const auto request_at = caller_waits_ ? caller_waits_->request_at : std::nullopt;
    return request_at ? std::optional(std::max(*request_at - world_.now(), Millis{0})) : std::nullopt;
}

bool Keeper::is_relayed(const SignalInfo& info) const {
    return info.signal != sigcont && info.sender != processes_.self() &&
           !(info.code == SignalCode::Kernel && world_.shares_group());
}

bool Keeper::is_of_run_or_caller(Pgid group) const {
    return group.value != 0 && (group == world_.callers_group() || group == Pgid{supervisor_.value});
}

/// For example in `vlmshim -- t | cat`, where cat writes under stty(1) tostop while t reads from the terminal. In a
/// bare run both are in the foreground; here they take turns, and each turn brings some progress. Returns false when
/// the terminal is not ours to give.
bool Keeper::give_terminal_to_caller() {
    if (!is_of_run_or_caller(world_.foreground())) {
        return false;
    }
    world_.foreground_callers_group();
    caller_waits_.reset();
    terminal_given_at_ = world_.now();
    return true;
}

/// Where another group has the terminal, the supervisor gets the signal as well: the run stops, and with it the whole
/// job, or a run nested in ours gives the terminal back.
void Keeper::request_terminal() {
    if (!give_terminal_to_caller()) {
        relay(caller_waits_->stopped_by);
        schedule_next_request();
    }
}

/// A nested run gives the terminal back without a notice, and maybe only for a moment. Other groups are left alone: a
/// shell below us decides for itself, and one above us continues the whole job.
void Keeper::schedule_next_request() {
    WaitForTerminal& waits = *caller_waits_;
    const Pgid foreground = world_.foreground();  // it may have come back by now
    const auto below = processes_.descendants_of(supervisor_);
    const bool is_below = std::any_of(
        below.begin(), below.end(), [&](const Descendant& one) { return one.identity.pid.value == foreground.value; });
    waits.request_at.reset();
    if (is_below || is_of_run_or_caller(foreground)) {
        waits.request_at = world_.now() + waits.pause;
        waits.pause = std::min(waits.pause * 2, terminal_ask_longest);
    }
}

void Keeper::relay(const SignalInfo& info) {
    const bool is_urgent = ends_run(info.signal);
    queued_.insert(is_urgent ? queued_.begin() : queued_.end(), os::to_supervisor::Relayed{info});
    send_queued();
}

/// Never blocks on a full link: a supervisor that is stopped, and so does not read, continues only if we notice that.
void Keeper::send_queued() {
    while (!queued_.empty() && world_.send(queued_.front()) != os::Sent::Full) {
        queued_.pop_front();
    }
}

Family::Children Keeper::reap() {
    for (bool more = true; more;) {
        const os::WaitRound round = world_.reap();
        more = round.more && !round.reaped.empty();
        reaped_ += round.reaped.size();
        children_ = round.no_children ? Family::Children::None : Family::Children::Some;
        for (const os::Reaped& reaped : round.reaped) {
            if (reaped.pid == supervisor_) {
                supervisors_end_ = reaped.status;
            }
        }
        for (const os::StoppedChild& stopped : round.stopped) {
            if (stopped.pid == supervisor_) {  // by `kill -STOP 0` in the test: no process would be left to end the run
                world_.wake_supervisor(supervisor_);
            }
        }
    }
    return children_;
}

void Keeper::on_link() {
    os::ToKeeper message;
    while (!run_is_over_) {
        switch (world_.receive(message)) {
            case os::Received::Message:
                std::visit([this](const auto& what) { on(what); }, message);
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                run_is_over_ = true;
                return;
        }
    }
}

void Keeper::on(const os::to_keeper::Shared& shared) {
    world_.send_to_callers_group(shared.signal);
    if (is_terminal_access_stop(shared.signal)) {
        caller_waits_ = WaitForTerminal{{shared.signal, Pid{}, SignalCode::Kernel}};
        if (!give_terminal_to_caller()) {
            schedule_next_request();
        }
    }
}

void Keeper::on(const os::to_keeper::Stopped& stopped) {
    caller_waits_.reset();  // the SIGCONT that continues us continues the whole job
    world_.stop_self(stopped.signal);
    queued_.push_front(os::to_supervisor::Continued{});
    send_queued();
}

/// Its last message: now only its exit is waited for.
void Keeper::on(const os::to_keeper::Verdict& verdict) {
    verdict_ = verdict.status;
    run_is_over_ = true;
}

void Keeper::on(const os::to_keeper::GaveUp& gave_up) {
    gave_up_ = gave_up;
    run_is_over_ = true;
}

}  // namespace vlmshim
