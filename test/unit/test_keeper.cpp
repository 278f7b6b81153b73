// The outer process: it relays and mirrors, and ends the orphans of a supervisor that was killed.
#include <doctest/doctest.h>

#include "fake_keeper_world.hpp"
#include "fake_log.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/keeper/keeper_process.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

constexpr int supervisor = 101;
const ExitStatus three = ExitStatus::exited(3);
const ExitStatus own_failure = ExitStatus::exited(exit_own_failure);

/// The keeper is the process 100, and below it is the supervisor.
struct Fixture {
    Config config;
    FakeLog log{LogLevel::Info};
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeKeeperWorld world{processes};
    std::vector<Pid> strangers;

    Fixture() {
        config.ports.guard = {Port{8080}};
        processes.add(supervisor, {.command = "vlm-supervisor", .group = Pgid{supervisor}});
    }

    ExitStatus run() { return Keeper(config, log, world, processes, sockets, Pid{supervisor}, strangers).run(); }

    /// The run comes to its end.
    void verdict_at(int millis, ExitStatus status = three) {
        world.at(millis, [=, this] {
            world.message(os::to_keeper::Verdict{status});
            world.end(supervisor, ExitStatus::exited(0));
        });
    }
    /// `kill -9`
    void killed_at(int millis) {
        world.at(millis, [this] {
            world.close_link();
            world.end(supervisor);
        });
    }
    /// Of the test's, below the supervisor.
    void orphan(int pid, OnSignal on_signal = OnSignal::Ends) {
        processes.add(pid, {.parent = Pid{supervisor}, .on_signal = on_signal});
    }
};

const std::string is_ending = "error: the supervisor (pid 101) was killed by SIGKILL: ending what is left of the run";
std::string was_ended(const std::string& what) {
    return "error: the run was ended because its supervisor was killed, " + what + " (exit status 125)";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the verdict is handed on when the supervisor has ended") {
    world.at(0, [&] { world.message(os::to_keeper::Verdict{three}); });
    world.at(40, [&] { world.end(supervisor, ExitStatus::exited(0)); });
    CHECK(run() == three);
    CHECK(world.now() == Millis{40});
    CHECK(log.take().empty());
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "signals are relayed, but for its own and those about its own children and stops") {
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
        Fixture fixture;
        fixture.world.group_is_shared = shared;
        fixture.world.at(10, [&] { fixture.world.type(sigint); });
        fixture.world.at(11, [&] { fixture.world.signal(sigterm); });
        fixture.verdict_at(20);
        CHECK(fixture.run() == three);
        CHECK(fixture.world.take() == (shared ? " relay:SIGTERM" : " relay:SIGINT relay:SIGTERM"));
    }
}

TEST_CASE_FIXTURE(Fixture, "what finds no room on the link waits, and what ends the run goes first then") {
    world.link_is_full = true;
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.signal(Signal{SIGUSR2}); });
    world.at(12, [&] { world.signal(sigterm); });
    world.at(30, [&] {
        CHECK(world.take().empty());
        world.link_is_full = false;
    });
    // Nobody tells when there is room: it tries again by itself.
    verdict_at(30 + static_cast<int>(link_try_again.count()) + 1);
    CHECK(run() == three);
    CHECK(world.take() == " relay:SIGTERM relay:SIGUSR1 relay:SIGUSR2");
}

TEST_CASE_FIXTURE(Fixture, "it does for the caller's job what the terminal did to the run's group") {
    world.at(10, [&] { world.message(os::to_keeper::Shared{sigint}); });
    world.at(20, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " share:SIGINT stop:SIGTSTP continued");
}

TEST_CASE_FIXTURE(Fixture, "that the job goes on is told before all that waits") {
    world.link_is_full = true;
    world.at(10, [&] { world.signal(Signal{SIGUSR1}); });
    world.at(11, [&] { world.message(os::to_keeper::Stopped{sigtstp}); });
    world.at(12, [&] { world.link_is_full = false; });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " stop:SIGTSTP continued relay:SIGUSR1");
}

// `kill -STOP 0` in the test: nobody would be there to end the run.
TEST_CASE_FIXTURE(Fixture, "a supervisor that is stopped is woken, and nobody else") {
    strangers = {Pid{60}};
    processes.add(60);
    world.at(10, [&] { world.stop(60); });
    world.at(20, [&] { world.stop(supervisor); });
    verdict_at(30);
    CHECK(run() == three);
    CHECK(world.take() == " wake:101");
}

TEST_CASE_FIXTURE(Fixture, "the orphans of a killed supervisor are told to stop, and the run does not pass") {
    orphan(20);
    orphan(21);
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGTERM 21, SIGCONT 21");
    CHECK(world.take() == " terminal-from:101");
    CHECK(world.now() == Millis{10});
    CHECK(log.take() == is_ending + "\n" + was_ended("2 processes in 0 ms"));
    CHECK(log.annotations ==
          std::vector<std::string>{"the run was ended because its supervisor was killed, 2 processes in 0 ms"});
}

TEST_CASE_FIXTURE(Fixture, "orphans that end in their grace are not killed") {
    orphan(20, OnSignal::Ignores);
    killed_at(10);
    world.at(200, [&] { world.end(20); });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(world.now() == Millis{200});
}

TEST_CASE_FIXTURE(Fixture, "orphans that are left after their grace are killed, with all that is below them") {
    orphan(20, OnSignal::Ignores);
    processes.add(21, {.parent = Pid{20}, .on_signal = OnSignal::Ignores});
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGTERM 21, SIGCONT 21, SIGKILL 20, SIGKILL 21");
    CHECK(world.now() == Millis{10} + abandoned_grace);
    CHECK(log.take() == is_ending + "\n" + was_ended("2 processes in 300 ms"));
}

TEST_CASE_FIXTURE(Fixture, "killing goes on in rounds while somebody is left") {
    orphan(20, OnSignal::Defies);
    killed_at(10);
    int kills = 0;
    processes.at(20).then = [&](Signal signal) {
        kills += signal == sigkill ? 1 : 0;
        if (kills == 3) {
            world.end(20);
        }
    };
    CHECK(run() == own_failure);
    CHECK(kills >= 3);
    CHECK(world.now() < Millis{10} + abandoned_grace + kill_give_up);
    CHECK_FALSE(processes.has(20));
    CHECK(log.take() == is_ending + "\n" + was_ended("1 process in 305 ms"));
}

TEST_CASE_FIXTURE(Fixture, "what cannot be killed is reported, and the keeper ends all the same") {
    processes.add(20,
                  {.parent = Pid{supervisor}, .on_signal = OnSignal::Refuses, .command = "sudo sleep", .user = "root"});
    killed_at(0);
    CHECK(run() == own_failure);
    CHECK(world.now() == abandoned_grace + kill_give_up);
    CHECK(log.take() ==
          is_ending + "\nerror: pid 20 (sudo sleep), user root cannot be ended\n" + was_ended("1 process in 1.8 s"));
}

TEST_CASE_FIXTURE(Fixture, "an end of one process gives the others their time anew") {
    orphan(20, OnSignal::Refuses);
    orphan(21, OnSignal::Defies);
    killed_at(0);
    world.at(1'300, [&] { world.end(21); });
    CHECK(run() == own_failure);
    CHECK(world.now() >= Millis{1'300} + kill_give_up);
}

TEST_CASE_FIXTURE(Fixture, "children from before this process was vlmshim are left alone, and not waited for") {
    strangers = {Pid{60}};
    processes.add(60);
    processes.add(61, {.parent = Pid{60}});
    orphan(20, OnSignal::Ignores);
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGKILL 20");
    CHECK(world.now() == Millis{10} + abandoned_grace);
    CHECK(processes.has(60));
    CHECK(processes.has(61));
}

TEST_CASE_FIXTURE(Fixture, "a port that is still held is told of, and its holder left alone") {
    processes.add(70, {.parent = FakeProcesses::init, .command = "nginx"});
    sockets.listen(8080, {70});
    killed_at(0);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent().empty());
    CHECK(log.take() == is_ending +
                            "\nerror: port 8080 is not free: pid 70 (nginx), user lena listens on "
                            "0.0.0.0:8080\n" +
                            was_ended("0 processes in 0 ms"));
}

TEST_CASE_FIXTURE(Fixture, "a supervisor that closes its link is waited for: until it is gone its children are its") {
    orphan(20);
    world.at(10, [&] { world.close_link(); });
    world.at(70, [&] {
        CHECK(processes.take_sent().empty());
        world.end(supervisor);
    });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
}

TEST_CASE_FIXTURE(Fixture, "a supervisor that gave up hands its status on when nothing is left") {
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(log.take().empty());  // it has said why itself
}

TEST_CASE_FIXTURE(Fixture, "what a supervisor that gave up has left is ended") {
    orphan(20);
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(log.take() ==
          "error: the supervisor (pid 101) gave up: ending what is left of the run\nerror: the run was ended because "
          "its supervisor failed, 1 process in 0 ms (exit status 125)");
}
