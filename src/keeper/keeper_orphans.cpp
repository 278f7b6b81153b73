// When the supervisor is gone without a verdict, its orphans are the keeper's children: it ends them itself.
#include "keeper_process.hpp"
#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/spawn.hpp"

namespace vlmshim {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Tree Keeper::own_tree() const {
    return Tree(log_, TreeScope{.strangers = strangers_, .namespace_init = {}, .cookie = {}});
}

/// The link closes a moment before the process is gone, and only then are its orphans ours.
void Keeper::wait_for_supervisor() {
    constexpr Millis look_again{50};  // only where no signalfd could be had
    const auto deadline = Clock::now() + kill_give_up;
    for (reap(); !supervisors_end_ && Clock::now() < deadline; reap()) {
        os::wait_readable({signals_.get()}, look_again);
        os::read_signals(signals_.get());
    }
}

/// The supervisor was killed. Its orphans are our children now.
ExitStatus Keeper::end_orphans() {
    const auto started = Clock::now();
    EndedLog ended;
    log_.error("the supervisor (pid {}) {}: ending what is left of the run", supervisor_.value,
               gave_up_ ? "gave up" : (supervisors_end_ ? describe(*supervisors_end_) : "is gone"));
    take_terminal_back();
    const Tree tree = end_tree(ended);
    // Only told: which holders were there before the run, the supervisor has taken with it.
    PortGuard guard(config_.ports, log_);
    switch (guard.look_after()) {
        case PortsState::Free:
            break;
        case PortsState::Endable:
        case PortsState::Settling:
        case PortsState::Held:
            guard.report_holders();
            break;
    }
    const auto took = std::chrono::duration_cast<Millis>(Clock::now() - started);
    const std::string why = "the run was ended because its supervisor " +
                            std::string(gave_up_ ? "failed, " : "was killed, ") + std::to_string(tree.seen()) +
                            (tree.seen() == 1 ? " process in " : " processes in ") + describe_duration(took);
    log_.error("{} (exit status {})", why, exit_own_failure);
    log::annotate_failure(config_.log, why);
    return report(why, ended);
}

Tree Keeper::end_tree(EndedLog& ended) {
    Tree tree = own_tree();
    if (!config_.report.empty()) {
        tree.record_into(ended);
    }
    tree.ask_leftovers(tree.outside({}));
    wait_for_orphans(tree, abandoned_grace);
    auto last_progress = Clock::now();
    int waits_for_dying = 0;
    while (!tree_is_empty(tree) && Clock::now() - last_progress < kill_give_up) {
        const std::size_t before = reaped_;
        tree.kill_round();
        wait_for_orphans(tree, kill_round_pause);
        const bool late = Clock::now() - last_progress >= kill_give_up;
        if (reaped_ != before || (late && tree.any_dying() && ++waits_for_dying <= most_waits_for_dying)) {
            last_progress = Clock::now();
        }
    }
    for (const os::Descendant& survivor : tree.survivors()) {
        const Pid pid = survivor.identity.pid;
        ended.note(survivor.identity, EndedHow::Survived);
        log_.error("pid {} ({}), user {} cannot be ended", pid.value, os::describe_command(pid), os::user_of(pid));
    }
    return tree;
}

/// In place of the supervisor, whose own report says "running" at most.
ExitStatus Keeper::report(const std::string& why, const EndedLog& ended) {
    const ExitStatus status = ExitStatus::exited(exit_own_failure);
    if (config_.report.empty()) {
        return status;
    }
    os::remove_unfinished(config_.report, supervisor_);
    report_.duration = std::chrono::duration_cast<Millis>(Clock::now() - born_);
    report_.status = status;
    report_.cause = "supervisor-killed";
    report_.reason = why;
    add_ended(report_, ended);
    report_.ports_after = look_up(config_.ports.guard);
    return write_report(config_, report_, status, log_);
}

void Keeper::wait_for_orphans(Tree& tree, Millis limit) {
    const auto deadline = Clock::now() + limit;
    for (;;) {
        reap();
        const auto left = std::chrono::duration_cast<Millis>(deadline - Clock::now());
        if (tree_is_empty(tree) || left <= Millis{0}) {
            return;
        }
        os::wait_readable({signals_.get()}, left);
        os::read_signals(signals_.get());  // SIGCHLD; nothing else can hurry this
    }
}

bool Keeper::tree_is_empty(const Tree& tree) const {
    // With children from before we were vlmshim, ECHILD never comes.
    return no_children_ || (!strangers_.empty() && tree.survivors().empty());
}

void Keeper::take_terminal_back() {
    if (terminal_ >= 0 && os::foreground_group(terminal_) == Pgid{supervisor_.value}) {
        os::give_foreground(terminal_, os::current_group());
        if (modes_) {
            os::restore_modes(terminal_, *modes_);
        }
    }
}

}  // namespace vlmshim
