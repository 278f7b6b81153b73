#include "vlmshim/supervisor/pausing.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Pausing::Pausing(JobControl& job, Processes& processes, Stopping& stopping, Clock& clock, Hooks hooks)
    : job_(job),
      processes_(processes),
      stopping_(stopping),
      hooks_(std::move(hooks)),
      after_typed_stop_(clock.make_alarm([this] { test_has_had_time(); })) {}

void Pausing::test_stopped(Signal signal) {
    // It wanted the terminal, and can have it. A vlmshim in the place of the test says so a moment after its shell has
    // asked, and may have been answered in between.
    const bool wants_terminal = signal == sigttin || signal == sigttou;
    if (wants_terminal && job_.take_if_callers() == JobControl::Taken::Yes) {
        stopping_.pass_on_to_group(sigcont, Pid{});
        return;
    }
    // A test that stops itself where there is no terminal is not mirrored, and its timeout goes on: nobody would
    // continue it.
    if (job_.has_controlling_terminal() || stop_requested_) {
        pause(signal);
    }
}

/// With a test it shows as the test's own stop. What the terminal stopped besides has to go on if
/// the job does: a test may ignore ^Z, and a teardown is not worth a pause.
void Pausing::stop_job(const ArrivedSignal& arrived, JobState job) {
    stop_requested_ = stop_requested_ || arrived.info.code == SignalCode::Process;
    switch (job) {
        case JobState::Testing:
            stop_everybody(arrived);
            after_typed_stop_->start(time_to_stop);
            break;
        case JobState::Waiting:
            if (pause(sigtstp) == Told::No) {
                wake_servers();
            } else {
                stop_everybody(arrived);
            }
            break;
        case JobState::Ending:
            wake_servers();
            break;
    }
}

/// What our group has not got yet.
void Pausing::stop_everybody(const ArrivedSignal& arrived) {
    if (arrived.path == SignalPath::Relayed) {
        stopping_.pass_on_to_group(sigtstp, Pid{});
    } else if (arrived.info.code == SignalCode::Process && hooks_.is_pid_one()) {
        stopping_.pass_on_to_group(sigstop, Pid{});  // the group is orphaned: the kernel ignores SIGTSTP there
    }
}

/// A ^Z did not stop the test. It ignores it; or it is a dash whose child was stopped between vfork(2)
/// and exec, which blocks the parent and makes a bare run deaf to ^Z, ^C and all else. That one is
/// what the user wanted stopped.
void Pausing::test_has_had_time() {
    const bool stopped = paused_ || (is_stuck(hooks_.test()) && pause(sigtstp) == Told::Yes);
    if (!stopped) {
        stop_requested_ = false;
        wake_servers();
    }
}

bool Pausing::is_stuck(Pid process) const {
    const auto state_of = [this](Pid pid) {
        const auto stat = pid.value == 0 ? std::nullopt : processes_.stat(pid);
        return stat ? stat->state : ProcessState::Other;
    };
    if (state_of(process) != ProcessState::Uninterruptible) {
        return false;
    }
    const auto below = processes_.descendants_of(process);
    return std::any_of(below.begin(), below.end(),
                       [&](const Descendant& child) { return state_of(child.identity.pid) == ProcessState::Stopped; });
}

void Pausing::wake_servers() {
    if (paused_) {
        return;
    }
    for (const Pid server : hooks_.servers()) {
        stopping_.wake_tree(server);
    }
}

void Pausing::terminal_wanted(Signal signal) {
    switch (job_.take_if_callers()) {
        case JobControl::Taken::Yes:
            stopping_.pass_on_to_group(sigcont, Pid{});
            break;
        case JobControl::Taken::No:
            hooks_.tell_keeper(os::to_keeper::Shared{signal});
            break;
    }
}

Pausing::Told Pausing::pause(Signal signal) {
    if (paused_) {
        return Told::No;
    }
    // In the caller's group the terminal has stopped whom the shell waits for; a keeper that stopped later than that
    // could miss the `fg`.
    hooks_.pause();  // before the shell has its prompt, the live line is gone
    const bool keeper_stops =
        !job_.shares_callers_group() && hooks_.tell_keeper(os::to_keeper::Stopped{signal}) == Told::Yes;
    if (!keeper_stops && !is_continued_by_itself()) {
        hooks_.resume();
        return Told::No;
    }
    paused_ = true;
    return Told::Yes;
}

/// Without a keeper, too, whose continuation would tell us.
bool Pausing::is_continued_by_itself() const {
    return stop_requested_ || job_.shares_callers_group();
}

void Pausing::go_on() {
    stop_requested_ = false;
    if (paused_) {
        paused_ = false;
        stopping_.pass_on_to_group(sigcont, Pid{});
        hooks_.resume();
    }
}

void Pausing::continued() {
    if (is_continued_by_itself()) {
        go_on();
    }
}

void Pausing::job_continued() {
    job_.take_again();
    go_on();
}

}  // namespace vlmshim
