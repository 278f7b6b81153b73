// The policy table: every phase with every event, what it does and where it leads.
#include <doctest/doctest.h>

#include <algorithm>

#include "lifecycle_script.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

struct Row {
    Phase phase;
    Event event;
    std::string actions;
    Phase next;
};

const ServerId first{0};
const ExitStatus zero = ExitStatus::exited(0);
const ExitStatus seven = ExitStatus::exited(7);

// Shared ways down, written once.
const std::string drain_with_server =
    "stop-probes stop-timers stop-leftovers leftover-grace=3000 stop-server:0 half-grace:0=1000 server-grace:0=2000 "
    "drain-limit=3000 collect";
const std::string drain_after_test =
    "stop-probes stop-timers stop-tests-leftovers leftover-grace=3000 stop-server:0 half-grace:0=1000 "
    "server-grace:0=2000 drain-limit=3000 collect";
const std::string drain_without = "stop-probes stop-timers stop-leftovers leftover-grace=3000 drain-limit=3000 collect";
const std::string kill_now = "stop-timers kill-everything";
const std::string kill_demanded = "stop-timers kill-everything:demanded";
const std::string end_politely = "end-holders:SIGTERM holder-grace=3000 holder-give-up=4500 port-poll=5";
// The keeper was killed: nothing may be left all the same, and soon.
const std::string abandon =
    "stop-probes stop-timers stop-leftovers leftover-grace=3000 stop-server:0 half-grace:0=1000 server-grace:0=2000 "
    "drain-limit=3000 collect drain-limit=300";
const std::string server_timers_off = "stop:half-grace stop:server-grace";
const std::string died = server_timers_off + " same-request=500";

std::vector<Row> table() {
    using namespace event;
    using P = Phase;
    const std::string exited_then_drain = died + " " + drain_without;
    const std::string died_loading = "report:before-ready " + exited_then_drain;
    const std::string died_serving = "report:while-serving " + exited_then_drain;
    const std::string ended = "report:expected " + server_timers_off;
    const std::string ended_draining = ended + " stop-leftovers leftover-grace=3000";
    return {
        // nothing runs yet
        {P::Claiming, PortsLooked{PortsState::Free}, "stop-timers start-server:0 ready-timeout:0=60000", P::Starting},
        {P::Claiming, PortsLooked{PortsState::Endable}, end_politely, P::Claiming},
        {P::Claiming, PortsLooked{PortsState::Settling}, "port-poll=5", P::Claiming},
        {P::Claiming, PortsLooked{PortsState::Held}, "stop-timers finish", P::Done},
        {P::Claiming, sent(term), "stop-timers finish", P::Done},
        {P::Claiming, sent(usr1), "", P::Claiming},
        {P::Claiming, KeeperLost{}, "stop-timers finish", P::Done},
        {P::Claiming, TreeEmpty{}, "", P::Claiming},
        {P::Claiming, TimerFired{Timer::PortPoll}, "look-at-ports", P::Claiming},
        {P::Claiming, TimerFired{Timer::HolderGrace}, "end-holders:SIGKILL", P::Claiming},
        {P::Claiming, TimerFired{Timer::HolderGiveUp}, "report-holders stop-timers finish", P::Done},

        // servers load
        {P::Starting, ServerReady{first}, "stop:ready-timeout start-test test-timeout=30000", P::Testing},
        {P::Starting, ServerNotSpawned{first}, drain_without, P::Draining},
        {P::Starting, ServerImpersonated{first}, drain_with_server, P::Draining},
        {P::Starting, ServerExited{first, zero}, died_loading, P::Draining},
        {P::Starting, TimerFired{Timer::ReadyTimeout, first}, drain_with_server, P::Draining},
        {P::Starting, sent(term), drain_with_server, P::Draining},
        {P::Starting, sent(usr1), "", P::Starting},
        {P::Starting, PortsLooked{PortsState::Free}, "", P::Starting},
        {P::Starting, KeeperLost{}, abandon, P::Draining},
        {P::Starting, TreeEmpty{}, "", P::Starting},

        // the test runs
        {P::Testing, TestExited{seven}, drain_after_test, P::Draining},
        {P::Testing, TestNotSpawned{ExitStatus::exited(127)}, drain_with_server, P::Draining},
        {P::Testing, ServerExited{first, zero},
         "report:under-test " + died + " signal-test:SIGTERM+wake stop:test-timeout test-grace=5000 test-hint=1000",
         P::Stopping},
        {P::Testing, ServerExited{first, seven},
         "report:under-test " + server_timers_off +
             " signal-test:SIGTERM+wake stop:test-timeout test-grace=5000 test-hint=1000",
         P::Stopping},
        {P::Testing, TimerFired{Timer::TestTimeout},
         "signal-test:SIGTERM+wake stop:test-timeout test-grace=5000 test-hint=1000", P::Stopping},
        {P::Testing, sent(interrupt), "signal-test:SIGINT+wake stop:test-timeout test-grace=5000 test-hint=1000",
         P::Stopping},
        {P::Testing, sent(hup), "signal-test:SIGHUP+wake stop:test-timeout test-grace=5000 test-hint=1000",
         P::Stopping},
        {P::Testing, typed(interrupt), "stop:test-timeout test-grace=5000 test-hint=1000", P::Stopping},
        {P::Testing, sent(usr1), "signal-test:SIGUSR1", P::Testing},
        {P::Testing, ServerReady{first}, "", P::Testing},
        {P::Testing, ServerImpersonated{first}, "", P::Testing},
        {P::Testing, TimerFired{Timer::ReadyTimeout, first}, "", P::Testing},
        {P::Testing, KeeperLost{}, abandon, P::Draining},
        {P::Testing, TreeEmpty{}, "", P::Testing},

        // no test, but servers
        {P::Serving, sent(interrupt), drain_with_server, P::Draining},
        {P::Serving, sent(term), drain_with_server, P::Draining},
        {P::Serving, sent(hup), drain_with_server, P::Draining},
        {P::Serving, sent(usr1), "", P::Serving},
        {P::Serving, ServerExited{first, zero}, died_serving, P::Draining},
        {P::Serving, ServerReady{first}, "", P::Serving},
        {P::Serving, ServerImpersonated{first}, "", P::Serving},
        {P::Serving, KeeperLost{}, abandon, P::Draining},
        {P::Serving, TreeEmpty{}, "", P::Serving},

        // the test has got a signal that ends it
        {P::Stopping, TestExited{seven}, drain_after_test, P::Draining},
        {P::Stopping, ServerExited{first, seven}, ended, P::Stopping},
        {P::Stopping, TimerFired{Timer::TestGrace}, "kill-test test-give-up=1500", P::Stopping},
        {P::Stopping, TimerFired{Timer::TestGiveUp}, drain_with_server, P::Draining},
        {P::Stopping, TimerFired{Timer::TestTimeout}, "", P::Stopping},
        {P::Stopping, sent(term), "signal-test:SIGTERM+wake", P::Stopping},
        {P::Stopping, sent(usr1), "signal-test:SIGUSR1", P::Stopping},
        {P::Stopping, TimerFired{Timer::TestHint}, "report:still-there=4000", P::Stopping},
        {P::Stopping, EndDemanded{}, kill_demanded, P::Killing},
        {P::Stopping, RequestRepeated{term, Reach::OnlyUs}, "signal-test:SIGTERM+wake", P::Stopping},
        {P::Stopping, RequestRepeated{std::nullopt, Reach::All}, "", P::Stopping},
        {P::Stopping, KeeperLost{}, abandon, P::Draining},

        // the test is over
        {P::Draining, ServerExited{first, seven}, ended_draining, P::Draining},
        {P::Draining, TimerFired{Timer::HalfGrace, first}, "stop-server:0 stop-tree:0", P::Draining},
        {P::Draining, TimerFired{Timer::ServerGrace, first}, "kill-server:0", P::Draining},
        {P::Draining, TimerFired{Timer::LeftoverGrace}, "kill-leftovers", P::Draining},
        {P::Draining, TimerFired{Timer::DrainLimit}, kill_now, P::Killing},
        {P::Draining, TreeEmpty{}, "stop-timers look-at-ports-after", P::Verifying},
        {P::Draining, LeftoversFound{}, "", P::Draining},
        {P::Draining, KillingGaveUp{}, "", P::Draining},
        {P::Draining, sent(term), "", P::Draining},
        {P::Draining, sent(usr1), "", P::Draining},
        {P::Draining, TimerFired{Timer::TestHint}, "", P::Draining},
        {P::Draining, EndDemanded{}, kill_demanded, P::Killing},
        {P::Draining, RequestRepeated{term, Reach::OnlyUs}, "", P::Draining},
        {P::Draining, KeeperLost{}, abandon, P::Draining},

        // the time limit is over
        {P::Killing, TreeEmpty{}, "stop-timers look-at-ports-after", P::Verifying},
        {P::Killing, KillingGaveUp{}, "report-survivors stop-timers look-at-ports-after", P::Verifying},
        {P::Killing, ServerExited{first, seven}, ended, P::Killing},
        {P::Killing, TestExited{seven}, "", P::Killing},
        {P::Killing, KeeperLost{}, "", P::Killing},
        {P::Killing, sent(term), "", P::Killing},
        {P::Killing, EndDemanded{}, "", P::Killing},

        // nothing is left; are the ports?
        {P::Verifying, PortsLooked{PortsState::Free}, "stop-timers finish", P::Done},
        {P::Verifying, PortsLooked{PortsState::Endable}, end_politely, P::Verifying},
        {P::Verifying, PortsLooked{PortsState::Settling}, "port-poll=5", P::Verifying},
        {P::Verifying, PortsLooked{PortsState::Held}, "report-holders stop-timers finish", P::Done},
        {P::Verifying, TimerFired{Timer::PortPoll}, "look-at-ports-after", P::Verifying},
        {P::Verifying, TimerFired{Timer::HolderGrace}, "end-holders:SIGKILL", P::Verifying},
        {P::Verifying, TimerFired{Timer::HolderGiveUp}, "report-holders stop-timers finish", P::Done},
        {P::Verifying, sent(term), "", P::Verifying},
        {P::Verifying, EndDemanded{}, "", P::Verifying},
        {P::Verifying, KeeperLost{}, "", P::Verifying},
        {P::Verifying, TreeEmpty{}, "", P::Verifying},

        {P::Done, PortsLooked{PortsState::Free}, "", P::Done},
        {P::Done, TreeEmpty{}, "", P::Done},
        {P::Done, sent(term), "", P::Done},
        {P::Done, TestExited{seven}, "", P::Done},
        {P::Done, TimerFired{Timer::DrainLimit}, "", P::Done},
    };
}

ExitStatus run_to_end(Lifecycle& lifecycle, PortsState ports = PortsState::Free) {
    (void)lifecycle.handle(event::TreeEmpty{});
    (void)lifecycle.handle(event::PortsLooked{ports});
    REQUIRE(lifecycle.phase() == Phase::Done);
    return lifecycle.outcome().status;
}

}  // namespace

TEST_CASE("the policy table") {
    for (const Row& row : table()) {
        Lifecycle lifecycle = in_phase(one_server(), row.phase);
        REQUIRE(lifecycle.phase() == row.phase);
        CAPTURE(std::string(phase_name(row.phase)));
        CAPTURE(row.event.index());
        CHECK(as_text(lifecycle.handle(row.event)) == row.actions);
        CHECK(lifecycle.phase() == row.next);
    }
}

TEST_CASE("no event leads back, and none does anything once the run is done") {
    // An event may have been under way when the phase changed, and a timer may fire after the phase that it belongs to.
    std::vector<Event> events{event::Started{},
                              event::PortsLooked{PortsState::Free},
                              event::ServerNotSpawned{first},
                              event::ServerReused{first},
                              event::ReusedPortLost{Port{8080}, first},
                              event::ListenerLost{first},
                              event::ServerReady{first},
                              event::ServerImpersonated{first},
                              event::ServerExited{first, seven},
                              event::TestNotSpawned{ExitStatus::exited(127)},
                              event::TestExited{seven},
                              event::LeftoversFound{},
                              sent(term),
                              typed(interrupt),
                              event::RequestRepeated{term, Reach::OnlyUs},
                              event::EndDemanded{},
                              sent(usr1),
                              event::KeeperLost{},
                              event::TreeEmpty{},
                              event::KillingGaveUp{}};
    for (int timer = 0; timer <= static_cast<int>(Timer::HolderGiveUp); ++timer) {
        events.emplace_back(event::TimerFired{static_cast<Timer>(timer), first});
    }
    for (int phase = 0; phase <= static_cast<int>(Phase::Done); ++phase) {
        for (const Event& event : events) {
            Lifecycle lifecycle = in_phase(one_server(), static_cast<Phase>(phase));
            const auto actions = as_text(lifecycle.handle(event));
            CAPTURE(phase);
            CAPTURE(event.index());
            CHECK(static_cast<int>(lifecycle.phase()) >= phase);
            if (static_cast<Phase>(phase) == Phase::Done) {
                CHECK(actions.empty());
            }
        }
    }
}

TEST_CASE("each timer has a meaning in the phases that start it, and in no other") {
    struct TimerRow {
        Timer timer;
        std::vector<Phase> phases;
    };
    using P = Phase;
    for (const TimerRow& row :
         {TimerRow{Timer::ReadyTimeout, {P::Starting}}, TimerRow{Timer::TestTimeout, {P::Testing}},
          TimerRow{Timer::TestGrace, {P::Stopping}}, TimerRow{Timer::TestHint, {P::Stopping}},
          TimerRow{Timer::TestGiveUp, {P::Stopping}}, TimerRow{Timer::SameRequest, {}},
          TimerRow{Timer::HalfGrace, {P::Draining}}, TimerRow{Timer::ServerGrace, {P::Draining}},
          TimerRow{Timer::LeftoverGrace, {P::Draining}}, TimerRow{Timer::DrainLimit, {P::Draining}},
          TimerRow{Timer::PortPoll, {P::Claiming, P::Verifying}},
          TimerRow{Timer::HolderGrace, {P::Claiming, P::Verifying}},
          TimerRow{Timer::HolderGiveUp, {P::Claiming, P::Verifying}}}) {
        CAPTURE(timer_name(row.timer));
        for (int phase = 0; phase <= static_cast<int>(P::Done); ++phase) {
            Lifecycle lifecycle = in_phase(one_server(), static_cast<P>(phase));
            const bool acts = !lifecycle.handle(event::TimerFired{row.timer, first}).empty();
            CAPTURE(phase);
            CHECK(acts == (std::count(row.phases.begin(), row.phases.end(), static_cast<P>(phase)) != 0));
        }
    }
}

TEST_CASE("^Z stops the job unless a teardown is under way") {
    using P = Phase;
    for (int phase = 0; phase <= static_cast<int>(P::Done); ++phase) {
        JobState wanted = JobState::Ending;
        switch (static_cast<P>(phase)) {
            case P::Claiming:
            case P::Starting:
            case P::Serving:
            case P::Done:
                wanted = JobState::Waiting;
                break;
            case P::Testing:
            case P::Stopping:
                wanted = JobState::Testing;
                break;
            case P::Draining:
            case P::Killing:
            case P::Verifying:
                break;
        }
        CAPTURE(phase);
        CHECK(in_phase(one_server(), static_cast<P>(phase)).job_state() == wanted);
    }
}

TEST_CASE("without a server the test starts at once") {
    Lifecycle lifecycle{Config{}};
    CHECK(as_text(lifecycle.handle(event::Started{})) == "look-at-ports");
    CHECK(as_text(lifecycle.handle(event::PortsLooked{PortsState::Free})) == "stop-timers start-test");
    CHECK(lifecycle.phase() == Phase::Testing);
}

TEST_CASE("the test waits for the last of several servers") {
    Config config = one_server();
    config.servers.emplace_back();
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    CHECK(as_text(lifecycle.handle(event::ServerReady{ServerId{1}})) == "stop:ready-timeout");
    CHECK(lifecycle.phase() == Phase::Starting);
    (void)lifecycle.handle(event::ServerReady{first});
    CHECK(lifecycle.phase() == Phase::Testing);
}

TEST_CASE("the drain lasts as long as the longest grace") {
    Config config = one_server();
    config.servers[0].grace = Millis{10'000};
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    const auto actions = as_text(lifecycle.handle(event::TestExited{seven}));
    CHECK(actions.find("drain-limit=10000") != std::string::npos);
}

TEST_CASE("leftovers are not spared for a server that has ended") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Draining);
    (void)lifecycle.handle(event::ServerExited{first, seven});
    CHECK(as_text(lifecycle.handle(event::TimerFired{Timer::LeftoverGrace})) == kill_now);
}

TEST_CASE("the test's own status is the run's") {
    for (const ExitStatus status : {ExitStatus::exited(0), seven, ExitStatus::exited(127), ExitStatus::exited(255),
                                    ExitStatus::signaled(Signal{9}), ExitStatus::signaled(Signal{11})}) {
        Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
        (void)lifecycle.handle(event::TestExited{status});
        CHECK(run_to_end(lifecycle) == status);
        CHECK(lifecycle.outcome().failure == Failure::None);
    }
}

TEST_CASE("a failed clean-up never hides behind a passing test") {
    for (const bool passes : {true, false}) {
        Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
        (void)lifecycle.handle(event::TestExited{passes ? ExitStatus::exited(0) : seven});
        CHECK(run_to_end(lifecycle, PortsState::Held) == (passes ? ExitStatus::exited(125) : seven));
        CHECK(lifecycle.outcome().failure == Failure::NotCleaned);
    }
}

TEST_CASE("survivors make a passing test 125") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Killing);
    (void)lifecycle.handle(event::KillingGaveUp{});
    (void)lifecycle.handle(event::PortsLooked{PortsState::Free});
    CHECK(lifecycle.outcome().status == ExitStatus::exited(125));
}

TEST_CASE("a server's death under the test beats the test's status") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
    (void)lifecycle.handle(event::ServerExited{first, seven});
    (void)lifecycle.handle(event::TestExited{ExitStatus::exited(0)});
    CHECK(run_to_end(lifecycle) == ExitStatus::exited(125));
    CHECK(lifecycle.outcome().failure == Failure::ServerDied);
    CHECK(lifecycle.outcome().server == first);
}

TEST_CASE("a server that may exit may do so at any time") {
    Config config = one_server();
    config.servers[0].on_exit = OnExit::Ignore;
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    (void)lifecycle.handle(event::ServerExited{first, ExitStatus::exited(0)});
    CHECK(lifecycle.phase() == Phase::Starting);  // a daemon: the probe decides
    (void)lifecycle.handle(event::ServerReady{first});
    CHECK(lifecycle.phase() == Phase::Testing);
}

TEST_CASE("a timeout is 124 whatever the test makes of it") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Stopping);
    (void)lifecycle.handle(event::TestExited{ExitStatus::exited(0)});
    CHECK(run_to_end(lifecycle) == ExitStatus::exited(124));
}

TEST_CASE("a second ending signal means now") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
    (void)lifecycle.handle(sent(interrupt));
    CHECK(as_text(lifecycle.handle(event::EndDemanded{})) == kill_demanded);
    CHECK(lifecycle.phase() == Phase::Killing);
}

TEST_CASE("a repeated request only gives the test a signal that it has not got") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
    (void)lifecycle.handle(sent(interrupt));
    CHECK(as_text(lifecycle.handle(event::RequestRepeated{std::nullopt, Reach::OnlyUs})) == "");
    CHECK(as_text(lifecycle.handle(event::RequestRepeated{term, Reach::OnlyUs})) == "signal-test:SIGTERM+wake");
    CHECK(lifecycle.phase() == Phase::Stopping);
}

TEST_CASE("a sender that signals every process has signalled the servers") {
    for (const Reach reach : {Reach::OnlyUs, Reach::All}) {
        Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
        (void)lifecycle.handle(sent(term));
        (void)lifecycle.handle(event::RequestRepeated{std::nullopt, reach});
        const bool stops = as_text(lifecycle.handle(event::TestExited{seven})).find("stop-server") != std::string::npos;
        CHECK(stops == (reach == Reach::OnlyUs));
    }
}

TEST_CASE("a signal before the test exists is the run's status") {
    for (const Phase phase : {Phase::Claiming, Phase::Starting}) {
        Lifecycle lifecycle = in_phase(one_server(), phase);
        (void)lifecycle.handle(sent(term));
        if (phase == Phase::Starting) {
            run_to_end(lifecycle);
        }
        CHECK(lifecycle.outcome().status == ExitStatus::signaled(term));
    }
}

TEST_CASE("a ^C from the terminal is the servers' stop signal, too") {
    // llama-server takes a second signal as "abort now": ours is only sent at half its grace.
    Lifecycle lifecycle = in_phase(one_server(), Phase::Testing);
    (void)lifecycle.handle(typed(interrupt));
    // A process that has left the group, as a daemon does, has not got it.
    const auto drained = as_text(lifecycle.handle(event::TestExited{seven}));
    CHECK(drained.find("stop-server:0:but-group") != std::string::npos);
    CHECK(as_text(lifecycle.handle(event::TimerFired{Timer::HalfGrace, first})) == "stop-server:0 stop-tree:0");
}

TEST_CASE("signals can be sent to the group") {
    Config config = one_server();
    config.signals.forward = Forward::Group;
    Lifecycle to_group = in_phase(config, Phase::Testing);
    CHECK(as_text(to_group.handle(sent(term))).starts_with("signal-group:SIGTERM"));
    // which the server is a member of
    CHECK(as_text(to_group.handle(event::TestExited{seven})).find("stop-server:0:but-group") != std::string::npos);
}

TEST_CASE("a signal passed on to the group leaves out its sender, one to the test alone does not") {
    constexpr Pid sender{70};
    for (const auto& [forward, gets] : {std::pair{Forward::Group, "signal-group:SIGTERM but 70"},
                                        std::pair{Forward::Test, "signal-test:SIGTERM+wake"}}) {
        Config config = one_server();
        config.signals.forward = forward;
        Lifecycle testing = in_phase(config, Phase::Testing);
        CHECK(as_text(testing.handle(event::EndRequested{term, term, Reach::OnlyUs, sender})).starts_with(gets));
        CHECK(as_text(testing.handle(event::RequestRepeated{term, Reach::OnlyUs, sender})) == gets);
        Lifecycle stopping = in_phase(config, Phase::Stopping);
        CHECK(as_text(stopping.handle(event::EndRequested{term, term, Reach::OnlyUs, sender})).starts_with(gets));
    }
    Config config = one_server();
    config.signals.forward = Forward::Group;
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    CHECK(as_text(lifecycle.handle(event::SignalPassed{usr1, sender})) == "signal-group:SIGUSR1 but 70");
}

TEST_CASE("a test that has less than a second needs no hint") {
    Config config = one_server();
    config.test.grace = test_hint;
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    CHECK(as_text(lifecycle.handle(sent(term))).ends_with("test-grace=1000"));
}

TEST_CASE("the signal that ended the run is known, but not one that arrives later") {
    Lifecycle signalled = in_phase(one_server(), Phase::Testing);
    (void)signalled.handle(sent(term));
    (void)signalled.handle(event::TestExited{ExitStatus::exited(0)});
    CHECK(signalled.outcome().ended_by == term);
    Lifecycle late = in_phase(one_server(), Phase::Draining);
    (void)late.handle(sent(term));
    CHECK(!late.outcome().ended_by);
}

TEST_CASE("a server that stops listening under the test is reported at once, and in the outcome") {
    for (const Phase phase : {Phase::Testing, Phase::Serving}) {
        Lifecycle lifecycle = in_phase(one_server(), phase);
        CHECK(as_text(lifecycle.handle(event::ListenerLost{first})) == "report:listener-lost:0");
        CHECK(lifecycle.outcome().listener_lost == first);
    }
    for (const Phase phase : {Phase::Starting, Phase::Stopping, Phase::Draining}) {
        Lifecycle lifecycle = in_phase(one_server(), phase);
        CHECK(as_text(lifecycle.handle(event::ListenerLost{first})).empty());
        CHECK(!lifecycle.outcome().listener_lost);
    }
}

TEST_CASE("leftovers = fail") {
    Config config = one_server();
    config.test.leftovers = Leftovers::Fail;
    Lifecycle lifecycle = in_phase(config, Phase::Draining);
    (void)lifecycle.handle(event::LeftoversFound{});
    CHECK(run_to_end(lifecycle) == ExitStatus::exited(125));
    CHECK(lifecycle.outcome().failure == Failure::Leftovers);
}

TEST_CASE("a port holder gets one stop signal, and is given up at the end") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Verifying);
    (void)lifecycle.handle(event::PortsLooked{PortsState::Endable});
    CHECK(as_text(lifecycle.handle(event::PortsLooked{PortsState::Endable})) == "port-poll=5");
    (void)lifecycle.handle(event::TimerFired{Timer::HolderGiveUp});
    CHECK(lifecycle.outcome().status == ExitStatus::exited(125));
}
