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
    strangers = {Pid{60}};
    processes.add(60);
    world.at(10, [&] { world.stop(60); });
    world.at(20, [&] { world.stop(supervisor); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " wake:101");
}
