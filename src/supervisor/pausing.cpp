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
      after_typed_stop_(clock.make_alarm([this] { check_test_stopped(); })) {}

void Pausing::test_stopped(Signal signal) {
    // It wanted the terminal, and can have it. A vlmshim in the place of the test stops itself a moment after its shell
    // did, and may have got the terminal in between.
    if (is_terminal_access_stop(signal) && job_.take_if_callers() == JobControl::Taken::Yes) {
        stopping_.pass_on_to_group(sigcont, Pid{});
        return;
    }
    // Without a terminal a test that stops itself does not stop us, and its timeout runs on: no shell would continue
    // it.
    if (job_.has_controlling_terminal() || stop_requested_) {
        pause(signal);
    }
}

/// Under a test, the test's own stop decides. If the job is not stopped, the servers that the terminal has stopped are
/// continued: a test may ignore ^Z, and a teardown is not paused.
void Pausing::stop_job(const ArrivedSignal& arrived, JobState job) {
    stop_requested_ = stop_requested_ || arrived.info.code == SignalCode::Process;
    switch (job) {
        case JobState::Testing:
            stop_group(arrived);
            after_typed_stop_->start(time_to_stop);
            break;
        case JobState::Waiting:
            if (pause(sigtstp)) {
                stop_group(arrived);
            } else {
                wake_servers();
            }
            break;
        case JobState::Ending:
            wake_servers();
            break;
    }
}

/// Where our group has not got the signal yet.
void Pausing::stop_group(const ArrivedSignal& arrived) {
    if (arrived.path == SignalPath::Relayed) {
        stopping_.pass_on_to_group(sigtstp, Pid{});
    } else if (arrived.info.code == SignalCode::Process && hooks_.is_pid_one()) {
        stopping_.pass_on_to_group(sigstop, Pid{});  // the group is orphaned: the kernel ignores SIGTSTP there
    }
}

/// A test that a ^Z has not stopped by now ignores it. Or it is a dash whose child was stopped between vfork(2) and
/// exec: that blocks the parent, which then reacts to no signal. Such a test counts as stopped.
void Pausing::check_test_stopped() {
    const bool stopped = paused_ || (is_stuck(hooks_.test()) && pause(sigtstp));
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
            hooks_.send_to_keeper(os::to_keeper::Shared{signal});
            break;
    }
}

bool Pausing::pause(Signal signal) {
    if (paused_) {
        return false;
    }
    hooks_.pause();  // first, so that the live line is erased before the shell prints its prompt
    // In the caller's group the terminal has stopped the keeper, too. Stopping itself later, it could miss the `fg`.
    const bool keeper_stops =
        !job_.shares_callers_group() && hooks_.send_to_keeper(os::to_keeper::Stopped{signal}) == os::Sent::Yes;
    if (!keeper_stops && !is_continued_by_itself()) {
        hooks_.resume();
        return false;
    }
    paused_ = true;
    return true;
}

/// By a SIGCONT to this process, not by a message of the keeper.
bool Pausing::is_continued_by_itself() const {
    return stop_requested_ || job_.shares_callers_group();
}

void Pausing::end_pause() {
    stop_requested_ = false;
    if (paused_) {
        paused_ = false;
        stopping_.pass_on_to_group(sigcont, Pid{});
        hooks_.resume();
    }
}

void Pausing::continued() {
    if (is_continued_by_itself()) {
        end_pause();
    }
}

void Pausing::job_continued() {
    job_.take_again();
    end_pause();
}

}  // namespace vlmshim
