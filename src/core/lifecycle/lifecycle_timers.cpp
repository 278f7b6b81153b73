// What happens when a time limit is over.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Lifecycle::on(const event::TimerFired& event) {
    switch (event.timer) {
        case Timer::ReadyTimeout:
            if (phase_ == Phase::Starting) {
                server_failed(Failure::ServerNotReady, event.server);
            }
            break;
        case Timer::TestTimeout:
            if (phase_ == Phase::Testing) {
                own_status_ = ExitStatus::exited(exit_timed_out);
                fail(Failure::TestTimedOut);
                stop_test(sigterm);
            }
            break;
        case Timer::TestGrace:
            if (phase_ == Phase::Stopping) {
                act(action::KillTest{});
                act(action::StartTimer{Timer::TestGiveUp, kill_give_up});
            }
            break;
        case Timer::TestHint:
            if (phase_ == Phase::Stopping) {
                act(action::TellTestStillThere{test_.grace - test_hint});
            }
            break;
        case Timer::TestGiveUp:
            if (phase_ == Phase::Stopping) {
                drain();  // another user's, or in uninterruptible sleep: the rest is ended without it
            }
            break;
        case Timer::HalfGrace:
            if (phase_ == Phase::Draining && at(event.server).alive) {
                act(action::StopServer{event.server, Reach::OnlyUs});
                act(action::StopServerTree{event.server, Reach::OnlyUs});
            }
            break;
        case Timer::ServerGrace:
            if (phase_ == Phase::Draining && at(event.server).alive) {
                act(action::KillServer{event.server, KillReason::GraceOver});
            }
            break;
        case Timer::LeftoverGrace:
            if (phase_ == Phase::Draining && any_server_alive()) {
                act(action::KillLeftovers{});
            } else if (phase_ == Phase::Draining) {
                kill(KillReason::GraceOver);
            }
            break;
        case Timer::DrainLimit:
            if (phase_ == Phase::Draining) {
                kill(KillReason::GraceOver);
            }
            break;
        case Timer::PortPoll:
            if (claiming_or_verifying()) {
                act(action::LookAtPorts{phase_ == Phase::Claiming ? LookTime::Before : LookTime::After});
            }
            break;
        case Timer::HolderGrace:
            if (claiming_or_verifying()) {
                act(action::EndHolders{sigkill});
            }
            break;
        case Timer::HolderGiveUp:
            if (phase_ == Phase::Claiming) {
                act(action::ReportHolders{});
                ports_looked_before(PortsState::Held);
            } else if (phase_ == Phase::Verifying) {
                ports_looked_after(PortsState::Held);
            }
            break;
    }
}

}  // namespace vlmshim
