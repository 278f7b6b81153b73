#include "vlmshim/keeper/keeper.hpp"

#include <chrono>
#include <cstdlib>
#include <system_error>

#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/tree.hpp"
#include "vlmshim/core/duration.hpp"
#include "vlmshim/core/signal_numbers.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/link.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/terminal.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim {

namespace {

using Clock = std::chrono::steady_clock;

// What is left after the supervisor was killed: a moment to end by itself, then SIGKILL in rounds.
constexpr Millis orphan_grace{300};
constexpr Millis kill_round_pause{5};
constexpr Millis kill_give_up{1'500};
constexpr int most_waits_for_dying = 8;

class Keeper {
public:
    Keeper(const Config& config, spdlog::logger& log, os::Fd link, Pid supervisor, std::vector<Pid> strangers)
        : config_(config),
          log_(log),
          link_(std::move(link)),
          supervisor_(supervisor),
          strangers_(std::move(strangers)) {
        std::error_code error;
        signals_ = os::open_signal_descriptor(error);  // refused: the link alone tells the end
        if (terminal_ >= 0) {
            modes_ = os::save_modes(terminal_);
        }
    }

    ExitStatus run() {
        while (!over_) {
            os::wait_readable({signals_.get(), link_.get()}, std::nullopt);
            on_signals();
            on_link();
        }
        wait_for_supervisor();
        if (verdict_) {
            return *verdict_;
        }
        return gave_up_ && tree_is_empty(own_tree()) ? *gave_up_ : end_orphans();
    }

private:
    void on_signals();
    void pass_on(const os::SignalInfo& info);
    void on_link();
    void on_message(const os::LinkMessage& message, os::Fd attached);
    void reap();
    void wait_for_supervisor();
    Tree own_tree() const;
    ExitStatus end_orphans();
    Tree end_tree(EndedLog& ended);
    ExitStatus report(const std::string& why, const EndedLog& ended);
    void wait_for_orphans(Tree& tree, Millis limit);
    bool tree_is_empty(const Tree& tree) const;
    void take_terminal_back();

    const Config& config_;
    spdlog::logger& log_;
    os::Fd link_;
    os::Fd signals_;
    Pid supervisor_;
    os::Fd test_;  // a pidfd: these signals reach it faster without the supervisor in between
    SignalMask straight_ = 0;
    std::vector<Pid> strangers_;
    int terminal_ = os::terminal_descriptor();
    std::optional<termios> modes_;
    std::optional<ExitStatus> verdict_;
    std::optional<ExitStatus> gave_up_;
    std::optional<ExitStatus> supervisors_end_;
    std::size_t reaped_ = 0;
    bool no_children_ = false;
    bool over_ = false;
    RunReport report_ = begin_report(config_, "keeper");
    Clock::time_point born_ = Clock::now();
};

void Keeper::on_signals() {
    for (const os::SignalInfo& info : os::read_signals(signals_.get())) {
        if (info.signal == sigchld) {
            reap();
        } else if (info.signal != sigcont && info.sender != os::own_pid()) {
            pass_on(info);
        }
    }
}

void Keeper::pass_on(const os::SignalInfo& info) {
    if (contains(straight_, info.signal) && !os::send_to_held(test_, info.signal)) {
        os::send_message(link_.get(), {os::LinkMessage::Kind::PassedOn, info, {}});  // only told
    } else {
        os::send_message(link_.get(), {os::LinkMessage::Kind::Relay, info, {}}, -1, os::WhenFull::Wait);
    }
}

void Keeper::reap() {
    for (bool more = true; more;) {
        const os::WaitRound round = os::reap_children();
        more = round.more && !round.reaped.empty();
        reaped_ += round.reaped.size();
        no_children_ = round.no_children;
        for (const os::Reaped& reaped : round.reaped) {
            if (reaped.pid == supervisor_) {
                supervisors_end_ = reaped.status;
            }
        }
        for (const os::StoppedChild& stopped : round.stopped) {
            if (stopped.pid == supervisor_) {  // `kill -STOP 0` in the test: nobody would be there to end the run
                os::send_to_child(supervisor_, sigcont);
            }
        }
    }
}

Tree Keeper::own_tree() const {
    return Tree(log_, TreeScope{.strangers = strangers_, .namespace_init = {}, .cookie = {}});
}

void Keeper::on_link() {
    os::LinkMessage message{};
    os::Fd attached;
    while (!over_) {
        switch (os::receive_message(link_.get(), message, attached)) {
            case os::Received::Message:
                on_message(message, std::move(attached));
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                over_ = true;
                return;
        }
    }
}

void Keeper::on_message(const os::LinkMessage& message, os::Fd attached) {
    switch (message.kind) {
        case os::LinkMessage::Kind::TestHeld:
            test_ = std::move(attached);
            straight_ = test_ ? message.straight : 0;
            break;
        case os::LinkMessage::Kind::Typed:
            // The terminal gave it to the run's group instead of ours; a bare run would have
            // shared it with the script or pipeline around us.
            os::send_to_callers_group(message.signal.signal);
            break;
        case os::LinkMessage::Kind::Stopped:
            os::stop_of(message.signal.signal);
            os::send_message(link_.get(), {os::LinkMessage::Kind::Continue, {}, {}});
            break;
        case os::LinkMessage::Kind::Verdict:
            verdict_ = message.status;
            over_ = true;  // its last word; only its exit is waited for now
            break;
        case os::LinkMessage::Kind::GaveUp:
            gave_up_ = message.status;
            over_ = true;
            break;
        case os::LinkMessage::Kind::Relay:
        case os::LinkMessage::Kind::PassedOn:
        case os::LinkMessage::Kind::Continue:
            break;
    }
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
    wait_for_orphans(tree, orphan_grace);
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

/// What throws does so before the first process is started, or because memory or descriptors ran out in the
/// middle of the run.
void supervise_safely(int link, spdlog::logger& log, const std::function<ExitStatus(int)>& supervise) {
    os::LinkMessage last{os::LinkMessage::Kind::Verdict, {}, {}};
    try {
        last.status = supervise(link);
    } catch (const std::exception& error) {
        log.error("{} (exit status {})", error.what(), exit_own_failure);
        last = {os::LinkMessage::Kind::GaveUp, {}, ExitStatus::exited(exit_own_failure)};
    }
    os::send_message(link, last);
}

}  // namespace

ExitStatus keep(const Config& config, const os::Inheritance& inheritance, spdlog::logger& log,
                const std::function<ExitStatus(int link)>& supervise) {
    std::vector<Pid> strangers;
    if (os::has_children()) {
        for (const os::Descendant& child : os::descendants_of(os::own_pid())) {
            if (child.parent == os::own_pid()) {
                strangers.push_back(child.identity.pid);
            }
        }
    }
    os::become_subreaper();  // refused: the supervisor says so for itself
    std::error_code error;
    os::LinkEnds link = os::open_link(error);
    if (error) {
        throw std::system_error(error, "socketpair");
    }
    const auto forked = os::fork_process();
    if (const auto* refused = std::get_if<std::error_code>(&forked)) {
        throw std::system_error(*refused, "fork");
    }
    const Pid supervisor = std::get<Pid>(forked);
    if (supervisor.value == 0) {
        link.keeper.reset();
        os::continue_when_parent_ends();
        supervise_safely(link.supervisor.get(), log, supervise);
        std::_Exit(EXIT_SUCCESS);
    }
    link.supervisor.reset();
    os::close_all(inheritance.descriptors);  // the test's
    return Keeper(config, log, std::move(link.keeper), supervisor, std::move(strangers)).run();
}

}  // namespace vlmshim
