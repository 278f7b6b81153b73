// The outer process relays signals, and mirrors stops and the end.
#include <doctest/doctest.h>

#include "kept_run.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

TEST_CASE_FIXTURE(KeptRun, "the verdict is handed on when the supervisor has ended") {
    world.at(0, [&] { world.message(os::to_keeper::Verdict{three}); });
    world.at(40, [&] { world.end(supervisor, ExitStatus::exited(0)); });
    CHECK(run() == three);
    CHECK(world.now() == Millis{40});
    CHECK(log.take().empty());
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(KeptRun, "signals are relayed, but for its own and those about its own children and stops") {
    world.at(10, [&] {
        world.signal(Signal{SIGUSR1});
        world.signal(sigterm, FakeProcesses::us);
        world.signal(sigcont);
        world.signal(sigchld);
        world.signal(Signal{SIGWINCH});
    });
    verdict_at(20);
    CHECK(run() == three);
    CHECK(world.take() == " relay:SIGUSR1 relay:SIGWINCH");
}

TEST_CASE("what is typed is not relayed where the supervisor gets it from the terminal itself") {
    for (const bool shared : {true, false}) {
        KeptRun fixture;
        fixture.world.group_is_shared = shared;
        fixture.world.at(10, [&] { fixture.world.type(sigint); });
        fixture.world.at(11, [&] { fixture.world.signal(sigterm); });
        fixture.verdict_at(20);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == (shared ? " relay:SIGTERM" : " relay:SIGINT relay:SIGTERM"));
    }
}

TEST_CASE("who stops for want of the terminal in the caller's group has its turn, and nobody else is told") {
    for (const int has_it : {supervisor, FakeKeeperWorld::callers}) {
        for (const Signal wants : {sigttin, sigttou}) {
            KeptRun fixture;
            fixture.world.has_terminal = Pgid{has_it};
            fixture.world.at(10, [&] { fixture.world.type(wants); });
            fixture.world.at(11, [&] { fixture.world.signal(wants, FakeProcesses::us); });  // what it has shared itself
            fixture.verdict_at(20'000);
            CHECK(fixture.run() == three);
            CHECK(fixture.world.take() == " callers-turn-after:" + std::to_string(has_it));
        }
    }
}

TEST_CASE("where another job has the terminal, or there is none, the run is told, and nothing is asked again") {
    for (const int has_it : {0, 70}) {
        KeptRun fixture;
        fixture.processes.add(70, {.parent = FakeProcesses::shell});
        fixture.world.has_terminal = Pgid{has_it};
        fixture.world.at(10, [&] { fixture.world.type(sigttou); });
        fixture.world.at(11, [&] { CHECK(fixture.world.take() == " relay:SIGTTOU"); });
        fixture.world.at(12, [&] { fixture.world.message(os::to_keeper::Shared{sigttou}); });
        fixture.verdict_at(20'000);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == " share:SIGTTOU");
    }
}

TEST_CASE_FIXTURE(KeptRun, "a run below that has the terminal is told again and again, until ours has got it back") {
    processes.add(110, {.parent = Pid{supervisor}});
    processes.add(111, {.parent = Pid{110}});
    world.has_terminal = Pgid{111};
    world.at(10, [&] { world.type(sigttou); });
    world.at(12, [&] { CHECK(world.take() == " relay:SIGTTOU"); });
    world.at(26, [&] { CHECK(world.take() == " relay:SIGTTOU relay:SIGTTOU"); });  // at 15 and 25
    world.at(3'000, [&] { world.take(); });
    world.at(5'050, [&] { CHECK(world.take() == " relay:SIGTTOU relay:SIGTTOU"); });  // once a second
    world.at(5'060, [&] { world.has_terminal = Pgid{supervisor}; });
    verdict_at(20'000);
    CHECK(run() == three);
    CHECK(world.take() == " callers-turn-after:101");
}

TEST_CASE("whom it has stopped with the run has a turn, too, unless the job stops") {
    for (const bool stops : {false, true}) {
        KeptRun fixture;
        fixture.processes.add(110, {.parent = Pid{supervisor}});
        fixture.world.has_terminal = Pgid{110};
        fixture.world.at(10, [&] { fixture.world.message(os::to_keeper::Shared{sigttou}); });
        fixture.world.at(11, [&] {
            CHECK(fixture.world.take() == " share:SIGTTOU");
            if (stops) {
                fixture.world.message(os::to_keeper::Stopped{sigttou});
            }
        });
        fixture.world.at(12, [&] { fixture.world.has_terminal = Pgid{supervisor}; });
        fixture.verdict_at(20'000);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == (stops ? " stop:SIGTTOU continued" : " callers-turn-after:101"));
    }
}

TEST_CASE_FIXTURE(KeptRun, "who has stopped for want of the terminal at the very end of the run goes on") {
    world.has_terminal = Pgid{supervisor};
    world.at(20, [&] { world.message(os::to_keeper::Verdict{three}); });
    world.at(22, [&] {
        world.has_terminal = Pgid{FakeKeeperWorld::callers};
        world.type(sigttin);
        world.signal(Signal{SIGUSR1});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == three);
    CHECK(world.take() == " callers-turn-after:90");
    CHECK(world.now() == Millis{22} + shell_sees_turn);
}

TEST_CASE_FIXTURE(KeptRun, "where the group is outside, the supervisor gets what the terminal sends by itself") {
    world.group_is_shared = true;
    world.at(10, [&] { world.type(sigttou); });
    verdict_at(20);
    CHECK(run() == three);
    CHECK(world.take().empty());
}

TEST_CASE_FIXTURE(KeptRun, "what finds no room on the link waits, and what ends the run goes first then") {
    world.full_until = Millis{30};
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.signal(Signal{SIGUSR2}); });
    world.at(12, [&] { world.signal(sigterm); });
    world.at(29, [&] { CHECK(world.take().empty()); });
    // Nobody tells when there is room: it tries again by itself.
    world.at(31 + static_cast<int>(link_try_again.count()),
             [&] { CHECK(world.take() == " relay:SIGTERM relay:SIGUSR1 relay:SIGUSR2"); });
    verdict_at(100);
    CHECK(run() == three);
    CHECK(world.take().empty());
}

TEST_CASE_FIXTURE(KeptRun, "it does for the caller's job what the terminal did to the run's group") {
    world.at(10, [&] { world.message(os::to_keeper::Shared{sigint}); });
    world.at(20, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " share:SIGINT stop:SIGTSTP continued");
}

TEST_CASE_FIXTURE(KeptRun, "that the job goes on is told before all that waits") {
    world.full_until = Millis{12};
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " stop:SIGTSTP continued relay:SIGUSR1");
}

// `kill -STOP 0` in the test: nobody would be there to end the run.
TEST_CASE_FIXTURE(KeptRun, "a supervisor that is stopped is woken, and nobody else") {
    scope.inherited_children = {Pid{60}};
    processes.add(60);
    world.at(10, [&] { world.stop(60); });
    world.at(20, [&] { world.stop(supervisor); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " wake:101");
}
