// Signals in each phase. What they mean, SignalIntake has decided.
#include <algorithm>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Lifecycle::on(const event::EndRequested& event) {
    count_as_told(event.reach);
    if (phase_ < Phase::Draining) {
        ended_by_ = event.signal;
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
            if (event.pass_on) {
                forward(*event.pass_on, Wake::Yes, event.sender);
            }
            phase_ = Phase::Stopping;
            act(action::StopTimer{Timer::TestTimeout});
            start_test_grace();
            break;
        case Phase::Serving:
            stop_serving(event.signal);
            break;
        case Phase::Stopping:
            // After a timeout or a server's death this may still be what the test needs.
            if (event.pass_on) {
                forward(*event.pass_on, Wake::Yes, event.sender);
            }
            break;
        case Phase::Verifying:
            hurry_holders();
            break;
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::RequestRepeated& event) {
    count_as_told(event.reach);
    if (event.pass_on && (phase_ == Phase::Testing || phase_ == Phase::Stopping)) {
        forward(*event.pass_on, Wake::Yes, event.sender);
    }
}

void Lifecycle::on(const event::EndDemanded&) {
    switch (phase_) {
        case Phase::Starting:
        case Phase::Testing:
        case Phase::Serving:
        case Phase::Stopping:
        case Phase::Draining:
            kill(KillReason::Demanded);
            break;
        case Phase::Verifying:
            hurry_holders();
            break;
        case Phase::Claiming:
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::SignalPassed& event) {
    if (phase_ == Phase::Testing || phase_ == Phase::Stopping) {
        forward(event.signal, Wake::No, event.sender);
    }
}

/// What the whole group has got was the asking of the servers: llama-server takes a second signal as "abort now".
void Lifecycle::count_as_told(Reach reach) {
    if (reach == Reach::OnlyUs || phase_ >= Phase::Killing) {
        return;
    }
    for (Server& server : servers_) {
        server.told = std::max(server.told, reach);
    }
}

void Lifecycle::forward(Signal signal, Wake wake, Pid sender) {
    switch (forward_) {
        case Forward::Test:
            act(action::SignalTest{signal, wake});
            break;
        case Forward::Group:
            act(action::SignalGroup{signal, sender});
            if (wake == Wake::Yes) {
                count_as_told(Reach::Group);
            }
            break;
    }
}

void Lifecycle::hurry_holders() {
    if (holders_told_) {
        act(action::EndHolders{sigkill});
    }
}

}  // namespace vlmshim
