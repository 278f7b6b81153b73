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
    // Without a terminal nobody could continue it; then a stop is not mirrored and the test's timeout goes on.
    if (job_.has_controlling_terminal()) {
        pause(signal);
    }
}

/// With a test it shows as the test's own stop. What the terminal stopped besides has to go on if
/// the job does: a test may ignore ^Z, and a teardown is not worth a pause.
void Pausing::stop_job(SignalPath path, JobState job) {
    switch (job) {
        case JobState::Testing:
            after_typed_stop_->start(time_to_stop);
            break;
        case JobState::Waiting:
            if (pause(sigtstp) == Told::No) {
                wake_servers();
            } else if (path == SignalPath::Relayed) {
                processes_.send_to_own_group(sigtstp);
            }
            break;
        case JobState::Ending:
            wake_servers();
            break;
    }
}

/// A ^Z did not stop the test. It ignores it; or it is a dash whose child was stopped between vfork(2)
/// and exec, which blocks the parent and makes a bare run deaf to ^Z, ^C and all else. That one is
/// what the user wanted stopped.
void Pausing::test_has_had_time() {
    const bool stopped = is_stuck(hooks_.test()) && pause(sigtstp) == Told::Yes;
    if (!stopped) {
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
        stopping_.wake_with_below(server);
    }
}

void Pausing::terminal_wanted(Signal signal) {
    switch (job_.take_if_callers()) {
        case JobControl::Taken::Yes:
            processes_.send_to_own_group(sigcont);
            break;
        case JobControl::Taken::No:
            hooks_.tell_keeper(os::to_keeper::Shared{signal});
            break;
    }
}

Pausing::Told Pausing::pause(Signal signal) {
    if (paused_ || hooks_.tell_keeper(os::to_keeper::Stopped{signal}) == Told::No) {
        return Told::No;
    }
    paused_ = true;
    hooks_.pause();
    return Told::Yes;
}

void Pausing::go_on() {
    if (paused_) {
        paused_ = false;
        processes_.send_to_own_group(sigcont);
        hooks_.resume();
    }
}

void Pausing::job_continued() {
    job_.take_again();
    go_on();
}

}  // namespace vlmshim
