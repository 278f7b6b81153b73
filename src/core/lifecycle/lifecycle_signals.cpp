// Signals: which end the run, which are forwarded, and to whom.
#include "vlmshim/core/lifecycle/lifecycle.hpp"

#include "lifecycle_patience.hpp"

namespace vlmshim {

void Lifecycle::on(const event::SignalArrived& event) {
    if (event.ends_run) {
        signal_ends_run(event);
    } else if (phase_ == Phase::Testing || phase_ == Phase::Stopping) {
        forward(event);
    }
}

void Lifecycle::signal_ends_run(const event::SignalArrived& event) {
    // A closing terminal hangs up twice: the kernel tells our group, the shell its job.
    if (event.signal == sighup && first_signal_ == sighup) {
        return;
    }
    const bool second = first_signal_.has_value();
    first_signal_ = event.signal;
    if (event.from_terminal && phase_ < Phase::Killing) {
        for (Server& server : servers_) {
            server.asked = true;
        }
    }
    switch (phase_) {
        case Phase::Claiming:
            own_status_ = ExitStatus::signaled(event.signal);
            fail(Failure::Interrupted);
            finish();
            break;
        case Phase::Starting:
            own_status_ = ExitStatus::signaled(event.signal);
            fail(Failure::Interrupted);
            drain();
            break;
        case Phase::Testing:
            forward(event);
            phase_ = Phase::Stopping;
            act(action::StopTimer{Timer::TestTimeout});
            act(action::StartTimer{Timer::TestGrace, test_.grace});
            break;
        case Phase::Serving:
            stop_serving(event.signal);
            break;
        case Phase::Stopping:
            // The first signal after a timeout or a server's death may still be what the test
            // needs; a second one is "now".
            if (second) {
                kill();
            } else {
                forward(event);
            }
            break;
        case Phase::Draining:
            if (second) {
                kill();
            }
            break;
        case Phase::Verifying:
            if (holders_asked_) {
                act(action::EndHolders{sigkill});
            }
            break;
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::forward(const event::SignalArrived& event) {
    if (event.from_terminal) {
        return;
    }
    switch (signals_.forward) {
        case Forward::Test:
            act(action::SignalTest{rewritten(event.signal), event.ends_run});
            break;
        case Forward::Group:
            act(action::SignalGroup{rewritten(event.signal)});
            if (event.ends_run) {
                for (Server& server : servers_) {
                    server.asked = true;
                }
            }
            break;
    }
}

}  // namespace vlmshim
