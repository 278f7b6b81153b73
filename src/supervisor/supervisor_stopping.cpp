// Job control: ^Z, fg and bg, and what must not run on meanwhile.
#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

/// The test was stopped: so is the shell's job, and no clock of ours runs on.
void Supervisor::test_stopped(Signal signal) {
    log_.debug("the test was stopped by {}", signal_name(signal));
    // Without a terminal nobody could continue it; then a stop is not mirrored and the test's timeout goes on.
    if (job_.has_controlling_terminal()) {
        pause(signal);
    }
}

/// ^Z. With a test it shows as the test's own stop. What the terminal stopped besides has to go on if
/// the job does: a test may ignore ^Z, and a teardown is not worth a pause.
void Supervisor::typed_stop(SignalPath path) {
    const Phase phase = lifecycle_.phase();
    if (test_.value != 0) {
        after_typed_stop_.start(time_to_stop);
    } else if ((phase == Phase::Starting || phase == Phase::Serving) && pause(sigtstp)) {
        if (path == SignalPath::Relayed) {
            os::send_to_own_group(sigtstp);
        }
    } else {
        continue_servers();
    }
}

/// A ^Z did not stop the test. It ignores it; or it is a dash whose child was stopped between vfork(2)
/// and exec, which blocks the parent and makes a bare run deaf to ^Z, ^C and all else. That one is
/// what the user wanted stopped.
void Supervisor::test_not_stopped() {
    const auto stat = test_.value == 0 ? std::nullopt : os::read_stat(test_);
    const auto children = stat && stat->state == ProcessState::Uninterruptible ? os::descendants_of(test_)
                                                                               : std::vector<os::Descendant>{};
    const bool stuck = std::any_of(children.begin(), children.end(), [](const os::Descendant& child) {
        const auto state = os::read_stat(child.identity.pid);
        return state && state->state == ProcessState::Stopped;
    });
    if (!stuck || !pause(sigtstp)) {
        continue_servers();
    }
}

void Supervisor::continue_servers() {
    for (const Server& server : servers_) {
        if (!paused_ && server.pid.value != 0) {
            tree_.continue_with_below(server.pid);
        }
    }
}

bool Supervisor::pause(Signal signal) {
    if (link_ < 0 || paused_) {
        return false;
    }
    paused_ = true;
    for (auto& [key, timer] : timers_) {
        timer.pause();
    }
    for (Server& server : servers_) {
        if (server.readiness) {
            server.readiness->pause();
        }
    }
    stop_waiting();
    tell_keeper(os::to_keeper::Stopped{signal});
    return true;
}

void Supervisor::go_on() {
    if (!paused_) {
        return;
    }
    paused_ = false;
    for (auto& [key, timer] : timers_) {
        timer.resume();
    }
    os::send_to_own_group(sigcont);
    for (Server& server : servers_) {
        if (server.readiness) {
            server.readiness->resume();
        }
    }
    if (lifecycle_.phase() == Phase::Starting) {
        wait_visibly();
    }
}

}  // namespace vlmshim
