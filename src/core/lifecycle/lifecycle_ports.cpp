// The two phases that are about the guarded ports: claiming them before the run, verifying after it that they are free.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/by_type.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

// --- claiming

void Lifecycle::claiming(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const Started&) { act(action::LookAtPorts{LookTime::Before}); },
                   [this](const PortsLooked& looked) { claim_ports(looked.state); },
                   [this](const ReusedPortLost& lost) {
                       act(action::ReportReusedPortLost{lost.port, action::GoesOn::No});
                   },
                   [this](const EndRequested& requested) {
                       interrupted(requested.signal);
                       finish();
                   },
                   [this](const KeeperLost&) {
                       fail(Failure::KeeperLost);
                       finish();
                   },
                   [this](const TimerFired& fired) { holder_timer_fired(fired.timer, LookTime::Before); },
                   Ignored<ServerNotSpawned, ServerReused, ListenerLost, ServerReady, ServerImpersonated, ServerExited,
                           TestNotSpawned, TestExited, LeftoversFound, RequestRepeated, EndDemanded, SignalPassed,
                           TreeEmpty, KillingGaveUp>{},
               },
               event);
}

void Lifecycle::claim_ports(PortsState state) {
    switch (state) {
        case PortsState::Free:
            act(action::StopAllTimers{});
            holders_stopped_ = false;
            begin_starting();
            break;
        case PortsState::Endable:
            end_holders();
            break;
        case PortsState::Settling:
            act(action::StartTimer{Timer::PortPoll, port_poll_pause});
            break;
        case PortsState::Held:
            own_status_ = ExitStatus::exited(exit_own_failure);
            fail(Failure::PortBusy);
            finish();
            break;
    }
}

// --- verifying

void Lifecycle::begin_verifying() {
    phase_ = Phase::Verifying;
    act(action::StopAllTimers{});
    act(action::LookAtPorts{LookTime::After});
}

void Lifecycle::verifying(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const PortsLooked& looked) { verify_ports(looked.state); },
                   [this](const ServerExited& exited) { note_end(exited, ServerEnd::Expected); },
                   [this](const EndRequested&) { kill_holders(); },
                   [this](const EndDemanded&) { kill_holders(); },
                   [this](const KeeperLost&) { kill_holders(); },
                   [this](const TimerFired& fired) { holder_timer_fired(fired.timer, LookTime::After); },
                   Ignored<Started, ServerNotSpawned, ServerReused, ReusedPortLost, ListenerLost, ServerReady,
                           ServerImpersonated, TestNotSpawned, TestExited, LeftoversFound, RequestRepeated,
                           SignalPassed, TreeEmpty, KillingGaveUp>{},
               },
               event);
}

void Lifecycle::verify_ports(PortsState state) {
    switch (state) {
        case PortsState::Free:
            finish();
            break;
        case PortsState::Endable:
            end_holders();
            break;
        case PortsState::Settling:
            act(action::StartTimer{Timer::PortPoll, port_poll_pause});
            break;
        case PortsState::Held:
            unclean_ = true;
            fail(Failure::NotCleaned);
            act(action::ReportHolders{});
            finish();
            break;
    }
}

// --- of both

/// Each holder gets one stop signal; after that it is only looked whether the port is free.
void Lifecycle::end_holders() {
    if (!holders_stopped_) {
        holders_stopped_ = true;
        act(action::EndHolders{sigterm});
        act(action::StartTimer{Timer::HolderGrace, shutdown_grace_});
        act(action::StartTimer{Timer::HolderGiveUp, shutdown_grace_ + kill_give_up});
    }
    act(action::StartTimer{Timer::PortPoll, port_poll_pause});
}

void Lifecycle::kill_holders() {
    if (holders_stopped_) {
        act(action::EndHolders{sigkill});
    }
}

void Lifecycle::holder_timer_fired(Timer timer, LookTime when) {
    if (timer == Timer::PortPoll) {
        act(action::LookAtPorts{when});
    } else if (timer == Timer::HolderGrace) {
        act(action::EndHolders{sigkill});
    } else if (timer == Timer::HolderGiveUp && when == LookTime::Before) {
        act(action::ReportHolders{});
        claim_ports(PortsState::Held);
    } else if (timer == Timer::HolderGiveUp) {
        verify_ports(PortsState::Held);
    }
}

void Lifecycle::finish() {
    phase_ = Phase::Done;
    act(action::StopAllTimers{});
    act(action::Finish{outcome()});
}

}  // namespace vlmshim
