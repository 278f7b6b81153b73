#include "vlmshim/keeper/keeper_process.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Keeper::Keeper(const Config& config, Log& log, KeeperWorld& world, Processes& processes, const Sockets& sockets,
               KeepersReport reporting, Pid supervisor, FamilyScope scope)
    : config_(config),
      log_(log),
      world_(world),
      processes_(processes),
      sockets_(sockets),
      reporting_(reporting),
      supervisor_(supervisor),
      scope_(std::move(scope)),
      report_(begin_report(config, "keeper")),
      born_(world.now()) {}

ExitStatus Keeper::run() {
    while (!over_) {
        world_.wait(longest_wait());
        send_waiting();
        if (callers_group_waits_ && callers_group_waits_->ask_at && world_.now() >= *callers_group_waits_->ask_at) {
            ask_again_for_callers_turn();
        }
        on_signals();
        on_link();
    }
    wait_for_supervisor();
    let_shell_see_callers_turn();
    if (verdict_) {
        return *verdict_;
    }
    const Family family(processes_, scope_);
    return gave_up_ && family.is_empty(children_) ? *gave_up_ : end_orphans();
}

void Keeper::on_signals() {
    for (const SignalInfo& info : world_.read_signals()) {
        if (info.signal == sigchld) {
            reap();
        } else if (is_relayed(info)) {
            if (info.signal == sigttin || info.signal == sigttou) {
                callers_group_stops_for_terminal(info);
            } else {
                relay(info);
            }
        }
    }
}

std::optional<Millis> Keeper::longest_wait() const {
    if (!waiting_.empty()) {
        return link_try_again;
    }
    const auto ask_at = callers_group_waits_ ? callers_group_waits_->ask_at : std::nullopt;
    return ask_at ? std::optional(std::max(*ask_at - world_.now(), Millis{0})) : std::nullopt;
}

bool Keeper::is_relayed(const SignalInfo& info) const {
    return info.signal != sigcont && info.sender != processes_.self() &&
           !(info.code == SignalCode::Kernel && world_.shares_group());
}

bool Keeper::is_one_of_two_groups(Pgid group) const {
    return group.value != 0 && (group == world_.callers_group() || group == Pgid{supervisor_.value});
}

/// As the `cat` of `vlmshim -- t | cat` does that writes under stty(1) tostop, while t has asked for the terminal. In a
/// bare run both have it; here they take turns, and each turn brings some progress.
bool Keeper::has_callers_turn() {
    if (!is_one_of_two_groups(world_.foreground())) {
        return false;
    }
    world_.let_callers_group_use_terminal();
    callers_group_waits_.reset();
    callers_turn_at_ = world_.now();
    return true;
}

/// Nobody tells us when a run below ours gives the terminal back, which may be for a moment. A shell below ours decides
/// for itself, and one above continues the whole job.
void Keeper::plan_to_ask_for_callers_turn() {
    WaitForTerminal& waits = *callers_group_waits_;
    const Pgid foreground = world_.foreground();  // it may have come back by now
    const auto below = processes_.descendants_of(supervisor_);
    const bool is_below = std::any_of(
        below.begin(), below.end(), [&](const Descendant& one) { return one.identity.pid.value == foreground.value; });
    waits.ask_at.reset();
    if (is_below || is_one_of_two_groups(foreground)) {
        waits.ask_at = world_.now() + waits.pause;
        waits.pause = std::min(waits.pause * 2, terminal_ask_at_least);
    }
}

/// The run is told as well, which then stops, and with it the whole job; a run below ours gives the terminal back.
void Keeper::callers_group_stops_for_terminal(const SignalInfo& info) {
    callers_group_waits_ = WaitForTerminal{info, std::nullopt, terminal_ask_again};
    if (!has_callers_turn()) {
        relay(info);
        plan_to_ask_for_callers_turn();
    }
}

void Keeper::ask_again_for_callers_turn() {
    if (!has_callers_turn()) {
        relay(callers_group_waits_->stopped_by);
        plan_to_ask_for_callers_turn();
    }
}

void Keeper::relay(const SignalInfo& info) {
    const bool hurries = ends_run(info.signal);
    waiting_.insert(hurries ? waiting_.begin() : waiting_.end(), os::to_supervisor::Relayed{info});
    send_waiting();
}

/// What does not fit on the link waits here. We do not: a supervisor that is stopped goes on only if we see that it is.
void Keeper::send_waiting() {
    while (!waiting_.empty() && world_.send(waiting_.front()) != os::Sent::Full) {
        waiting_.pop_front();
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
            if (stopped.pid == supervisor_) {  // `kill -STOP 0` in the test: nobody would be there to end the run
                world_.wake_supervisor(supervisor_);
            }
        }
    }
    return children_;
}

void Keeper::on_link() {
    os::ToKeeper message;
    while (!over_) {
        switch (world_.receive(message)) {
            case os::Received::Message:
                std::visit([this](const auto& what) { on(what); }, message);
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                over_ = true;
                return;
        }
    }
}

void Keeper::on(const os::to_keeper::Shared& shared) {
    world_.send_to_callers_group(shared.signal);
    if (shared.signal == sigttin || shared.signal == sigttou) {
        callers_group_waits_ = WaitForTerminal{{shared.signal, Pid{}, SignalCode::Kernel}, {}, terminal_ask_again};
        if (!has_callers_turn()) {
            plan_to_ask_for_callers_turn();
        }
    }
}

void Keeper::on(const os::to_keeper::Stopped& stopped) {
    callers_group_waits_.reset();  // who continues us continues all
    world_.stop_self(stopped.signal);
    waiting_.push_front(os::to_supervisor::Continued{});
    send_waiting();
}

/// Its last word; only its exit is waited for now.
void Keeper::on(const os::to_keeper::Verdict& verdict) {
    verdict_ = verdict.status;
    over_ = true;
}

void Keeper::on(const os::to_keeper::GaveUp& gave_up) {
    gave_up_ = gave_up.status;
    over_ = true;
}

}  // namespace vlmshim
