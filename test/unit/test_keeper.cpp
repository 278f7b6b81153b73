// The keeper relays signals, and mirrors stops and the exit.
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

TEST_CASE_FIXTURE(KeptRun, "all signals are relayed except its own, SIGCHLD and SIGCONT") {
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

TEST_CASE("a typed signal is not relayed where the terminal sends it to the supervisor as well") {
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

TEST_CASE("a stop for terminal access in the caller's group gets it the terminal, and is not relayed") {
    for (const int has_it : {supervisor, FakeKeeperWorld::callers}) {
        for (const Signal wants : {sigttin, sigttou}) {
            KeptRun fixture;
            fixture.world.foreground_group = Pgid{has_it};
            fixture.world.at(10, [&] { fixture.world.type(wants); });
            fixture.world.at(11,
                             [&] { fixture.world.signal(wants, FakeProcesses::us); });  // its own signal to the group
            fixture.verdict_at(20'000);
            CHECK(fixture.run() == three);
            CHECK(fixture.world.take() == " callers-turn-after:" + std::to_string(has_it));
        }
    }
}

TEST_CASE("where another job has the terminal, or there is none, the stop is relayed once") {
    for (const int has_it : {0, 70}) {
        KeptRun fixture;
        fixture.processes.add(70, {.parent = FakeProcesses::shell});
        fixture.world.foreground_group = Pgid{has_it};
        fixture.world.at(10, [&] { fixture.world.type(sigttou); });
        fixture.world.at(11, [&] { CHECK(fixture.world.take() == " relay:SIGTTOU"); });
        fixture.world.at(12, [&] { fixture.world.message(os::to_keeper::Shared{sigttou}); });
        fixture.verdict_at(20'000);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == " share:SIGTTOU");
    }
}

TEST_CASE_FIXTURE(KeptRun,
                  "a nested run that has the terminal is sent the stop repeatedly, until our run has it back") {
    processes.add(110, {.parent = Pid{supervisor}});
    processes.add(111, {.parent = Pid{110}});
    world.foreground_group = Pgid{111};
    world.at(10, [&] { world.type(sigttou); });
    world.at(12, [&] { CHECK(world.take() == " relay:SIGTTOU"); });
    world.at(26, [&] { CHECK(world.take() == " relay:SIGTTOU relay:SIGTTOU"); });  // at 15 and 25
    world.at(3'000, [&] { world.take(); });
    world.at(5'050, [&] { CHECK(world.take() == " relay:SIGTTOU relay:SIGTTOU"); });  // once a second
    world.at(5'060, [&] { world.foreground_group = Pgid{supervisor}; });
    verdict_at(20'000);
    CHECK(run() == three);
    CHECK(world.take() == " callers-turn-after:101");
}

TEST_CASE("a process in the caller's group that was stopped with the run gets the terminal, unless the job stops") {
    for (const bool stops : {false, true}) {
        KeptRun fixture;
        fixture.processes.add(110, {.parent = Pid{supervisor}});
        fixture.world.foreground_group = Pgid{110};
        fixture.world.at(10, [&] { fixture.world.message(os::to_keeper::Shared{sigttou}); });
        fixture.world.at(11, [&] {
            CHECK(fixture.world.take() == " share:SIGTTOU");
            if (stops) {
                fixture.world.message(os::to_keeper::Stopped{sigttou});
            }
        });
        fixture.world.at(12, [&] { fixture.world.foreground_group = Pgid{supervisor}; });
        fixture.verdict_at(20'000);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == (stops ? " stop:SIGTTOU continued" : " callers-turn-after:101"));
    }
}

TEST_CASE_FIXTURE(KeptRun, "a stop for terminal access at the very end of the run is undone") {
    world.foreground_group = Pgid{supervisor};
    world.at(20, [&] { world.message(os::to_keeper::Verdict{three}); });
    world.at(22, [&] {
        world.foreground_group = Pgid{FakeKeeperWorld::callers};
        world.type(sigttin);
        world.signal(Signal{SIGUSR1});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == three);
    CHECK(world.take() == " callers-turn-after:90");
    CHECK(world.now() == Millis{22} + shell_sees_turn);
}

TEST_CASE_FIXTURE(KeptRun, "where the group is outside our namespace, a stop from the terminal is not relayed") {
    world.group_is_shared = true;
    world.at(10, [&] { world.type(sigttou); });
    verdict_at(20);
    CHECK(run() == three);
    CHECK(world.take().empty());
}

TEST_CASE_FIXTURE(KeptRun,
                  "signals that find no room on the link are queued, and those that end the run are sent first") {
    world.full_until = Millis{30};
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.signal(Signal{SIGUSR2}); });
    world.at(12, [&] { world.signal(sigterm); });
    world.at(29, [&] { CHECK(world.take().empty()); });
    // The link does not report that it has room: it is tried again.
    world.at(31 + static_cast<int>(link_try_again.count()),
             [&] { CHECK(world.take() == " relay:SIGTERM relay:SIGUSR1 relay:SIGUSR2"); });
    verdict_at(100);
    CHECK(run() == three);
    CHECK(world.take().empty());
}

TEST_CASE_FIXTURE(KeptRun, "what the terminal did to the run's group is done to the caller's job") {
    world.at(10, [&] { world.message(os::to_keeper::Shared{sigint}); });
    world.at(20, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " share:SIGINT stop:SIGTSTP continued");
}

TEST_CASE_FIXTURE(KeptRun, "the notice that the job was continued is sent before all that is queued") {
    world.full_until = Millis{12};
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " stop:SIGTSTP continued relay:SIGUSR1");
}

// `kill -STOP 0` in the test: no process would be left to end the run.
TEST_CASE_FIXTURE(KeptRun, "a supervisor that is stopped is continued, and no other child") {
    scope.inherited_children = {Pid{60}};
    processes.add(60);
    world.at(10, [&] { world.stop(60); });
    world.at(20, [&] { world.stop(supervisor); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " wake:101");
}
