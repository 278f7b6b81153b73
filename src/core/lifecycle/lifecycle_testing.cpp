// Testing, and stopping the test before its end; serving, where there is no test.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/by_type.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

// --- testing

void Lifecycle::begin_testing() {
    phase_ = Phase::Testing;
    act(action::StartTest{});
    if (test_.timeout) {
        act(action::StartTimer{Timer::TestTimeout, *test_.timeout});
    }
}

void Lifecycle::testing(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const TestNotSpawned&) { begin_draining(); },
                   [this](const TestExited&) { begin_draining(); },
                   [this](const ServerExited& exited) {
                       if (!note_background(exited) && note_death(exited, ServerEnd::UnderTest)) {
                           stop_test();
                       }
                   },
                   [this](const ListenerLost& lost) { listener_lost(lost.server); },
                   // What a test makes of it is the test's: perhaps it is done with that server.
                   [this](const ReusedPortLost& lost) {
                       act(action::ReportReusedPortLost{lost.port, action::GoesOn::Yes});
                   },
                   [this](const EndRequested& requested) {
                       pass_on(requested.pass_on, requested.sender);
                       begin_stopping();
                   },
                   [this](const RequestRepeated& repeated) { pass_on(repeated.pass_on, repeated.sender); },
                   [this](const EndDemanded&) { begin_killing(KillReason::Demanded); },
                   [this](const SignalPassed& passed) { forward(passed.signal, Wake::No, passed.sender); },
                   [this](const KeeperLost&) { keeper_lost(); },
                   [this](const TimerFired& fired) {
                       if (fired.timer == Timer::TestTimeout) {
                           own_status_ = ExitStatus::exited(exit_timed_out);
                           fail(Failure::TestTimedOut);
                           stop_test();
                       }
                   },
                   Ignored<Started, PortsLooked, ServerNotSpawned, ServerReused, ServerReady, ServerImpersonated,
                           LeftoversFound, TreeEmpty, KillingGaveUp>{},
               },
               event);
}

void Lifecycle::stop_test() {
    act(action::SignalTest{sigterm, Wake::Yes});
    begin_stopping();
}

// --- stopping

void Lifecycle::begin_stopping() {
    phase_ = Phase::Stopping;
    act(action::StopTimer{Timer::TestTimeout});
    act(action::StartTimer{Timer::TestGrace, test_.grace});
    if (test_.grace > test_hint) {
        act(action::StartTimer{Timer::TestHint, test_hint});
    }
}

void Lifecycle::stopping(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const TestNotSpawned&) { begin_draining(); },
                   [this](const TestExited&) { begin_draining(); },
                   [this](const ServerExited& exited) { note_end(exited, ServerEnd::Expected); },
                   [this](const EndRequested& requested) { request_while_stopping(requested); },
                   [this](const RequestRepeated& repeated) { pass_on(repeated.pass_on, repeated.sender); },
                   [this](const EndDemanded&) { begin_killing(KillReason::Demanded); },
                   [this](const SignalPassed& passed) { forward(passed.signal, Wake::No, passed.sender); },
                   [this](const KeeperLost&) { keeper_lost(); },
                   [this](const TimerFired& fired) { test_timer_fired(fired.timer); },
                   Ignored<Started, PortsLooked, ServerNotSpawned, ServerReused, ReusedPortLost, ListenerLost,
                           ServerReady, ServerImpersonated, LeftoversFound, TreeEmpty, KillingGaveUp>{},
               },
               event);
}

/// After a timeout or a server's death the first signal may still be what the test needs.
void Lifecycle::request_while_stopping(const event::EndRequested& requested) {
    const bool test_has_it = death_requested_ && forward_ == Forward::Test && requested.pass_on == sigterm;
    if (!test_has_it) {
        pass_on(requested.pass_on, requested.sender);
    }
}

void Lifecycle::test_timer_fired(Timer timer) {
    if (timer == Timer::TestHint) {
        act(action::ReportTestStillThere{test_.grace - test_hint});
    } else if (timer == Timer::TestGrace) {
        act(action::KillTest{});
        act(action::StartTimer{Timer::TestGiveUp, kill_give_up});
    } else if (timer == Timer::TestGiveUp) {
        begin_draining();  // another user's, or in uninterruptible sleep: the rest is ended without it
    }
}

// --- serving

void Lifecycle::begin_serving() {
    phase_ = Phase::Serving;
    act(action::Serve{});
}

void Lifecycle::serving(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const ServerExited& exited) {
                       if (!note_background(exited) && note_death(exited, ServerEnd::WhileServing)) {
                           begin_draining();
                       }
                   },
                   [this](const ListenerLost& lost) { listener_lost(lost.server); },
                   [this](const ReusedPortLost& lost) { reused_port_lost(lost, ServerEnd::WhileServing); },
                   [this](const EndRequested& requested) {
                       serving_ended(requested.signal);
                       begin_draining();
                   },
                   [this](const EndDemanded&) { begin_killing(KillReason::Demanded); },
                   [this](const KeeperLost&) { keeper_lost(); },
                   Ignored<Started, PortsLooked, ServerNotSpawned, ServerReused, ServerReady, ServerImpersonated,
                           TestNotSpawned, TestExited, LeftoversFound, RequestRepeated, SignalPassed, TreeEmpty,
                           KillingGaveUp, TimerFired>{},
               },
               event);
}

/// The regular end of serving, not a failure.
void Lifecycle::serving_ended(Signal signal) {
    const bool regular = signal == sigint || signal == sigterm;
    own_status_ = regular ? ExitStatus::exited(0) : ExitStatus::signaled(signal);
}

void Lifecycle::listener_lost(ServerId server) {
    listener_lost_ = server;
    act(action::ReportListenerLost{server});
}

}  // namespace vlmshim
