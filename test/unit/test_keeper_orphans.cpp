// What the keeper does when its supervisor has died without a verdict.
#include <doctest/doctest.h>

#include "kept_run.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

const std::string is_ending = "error: the supervisor (pid 101) was killed by SIGKILL: ending what is left of the run";
std::string was_ended(const std::string& what) {
    return "error: the run was ended because its supervisor was killed, " + what + " (exit status 125)";
}

}  // namespace

TEST_CASE_FIXTURE(KeptRun, "the orphans of a killed supervisor get a stop signal, and the run does not pass") {
    add_below(20);
    add_below(21);
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGTERM 21, SIGCONT 21");
    CHECK(world.take() == " terminal-from:101");
    CHECK(world.now() == Millis{10});
    CHECK(log.take() == is_ending + "\n" + was_ended("2 processes in 0 ms"));
    CHECK(log.annotations ==
          std::vector<std::string>{"the run was ended because its supervisor was killed, 2 processes in 0 ms"});
}

TEST_CASE_FIXTURE(KeptRun, "orphans that end in their grace are not killed") {
    add_below(20, OnSignal::Ignores);
    killed_at(10);
    world.at(200, [&] { world.end(20); });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(processes.raised_priority == 0);
    CHECK(world.now() == Millis{200});
}

TEST_CASE_FIXTURE(KeptRun, "orphans that are left after their grace are killed, with all their descendants") {
    add_below(20, OnSignal::Ignores);
    processes.add(21, {.parent = Pid{20}, .on_signal = OnSignal::Ignores});
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGTERM 21, SIGCONT 21, SIGKILL 20, SIGKILL 21");
    CHECK(world.now() == Millis{10} + abandoned_grace);
    CHECK(log.take() == is_ending + "\n" + was_ended("2 processes in 300 ms"));
}

TEST_CASE_FIXTURE(KeptRun, "killing goes on in rounds while a process is left") {
    add_below(20, OnSignal::Defies);
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

TEST_CASE_FIXTURE(KeptRun, "what cannot be killed is reported, and the keeper ends all the same") {
    processes.add(20,
                  {.parent = Pid{supervisor}, .on_signal = OnSignal::Refuses, .command = "sudo sleep", .user = "root"});
    killed_at(0);
    CHECK(run() == own_failure);
    CHECK(world.now() == abandoned_grace + kill_give_up);
    CHECK(log.take() ==
          is_ending + "\nerror: pid 20 (sudo sleep), user root cannot be ended\n" + was_ended("1 process in 1.8 s"));
}

TEST_CASE_FIXTURE(KeptRun, "the end of one process starts the time limit again") {
    add_below(20, OnSignal::Refuses);
    add_below(21, OnSignal::Defies);
    killed_at(0);
    world.at(1'300, [&] { world.end(21); });
    CHECK(run() == own_failure);
    CHECK(world.now() >= Millis{1'300} + kill_give_up);
}

TEST_CASE_FIXTURE(KeptRun, "inherited children are left alone, and not waited for") {
    scope.inherited_children = {Pid{60}};
    processes.add(60);
    processes.add(61, {.parent = Pid{60}});
    add_below(20, OnSignal::Ignores);
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGKILL 20");
    CHECK(world.now() == Millis{10} + abandoned_grace);
    CHECK(processes.has(60));
    CHECK(processes.has(61));
}

namespace {

/// PR_SET_CHILD_SUBREAPER was refused: what a supervisor leaves becomes init's child, and its exit is not reported.
struct KeptWithoutSubreaper : KeptRun {
    const RunOfProcess run_of_it{RunOfProcess::State::Alive, "run", Pid{100}};

    KeptWithoutSubreaper() {
        processes = FakeProcesses(FakeProcesses::Orphans::ToInit);
        processes.add(supervisor, {.command = "vlm-supervisor", .group = Pgid{supervisor}});
        scope.cookie = "run";
    }
};

}  // namespace

TEST_CASE_FIXTURE(KeptWithoutSubreaper, "without a subreaper orphans are found by their VLMSHIM_RUN") {
    processes.add(20, {.parent = Pid{supervisor}, .run = run_of_it});
    processes.add(21, {.parent = FakeProcesses::init, .run = run_of_it});  // a daemon
    processes.add(22, {.parent = FakeProcesses::init});
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGTERM 21");
    CHECK(processes.has(22));
    CHECK(world.now() == Millis{10});
    CHECK(log.take() == is_ending + "\n" + was_ended("2 processes in 0 ms"));
}

TEST_CASE_FIXTURE(KeptWithoutSubreaper, "without a subreaper the end of the last orphan is noticed by searching") {
    processes.add(20, {.parent = FakeProcesses::init, .on_signal = OnSignal::Ignores, .run = run_of_it});
    killed_at(10);
    world.at(100, [&] { processes.end(20); });  // init reaps it
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(world.now() <= Millis{100} + search_again);
}

TEST_CASE_FIXTURE(KeptWithoutSubreaper, "without a subreaper an orphan that ignores SIGTERM is killed as well") {
    processes.add(20, {.parent = FakeProcesses::init, .on_signal = OnSignal::Ignores, .run = run_of_it});
    killed_at(10);
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20, SIGKILL 20");
    CHECK(world.now() <= Millis{10} + abandoned_grace + kill_round_pause);
}

TEST_CASE_FIXTURE(KeptWithoutSubreaper, "without a subreaper a supervisor that gave up may have left something, too") {
    processes.add(20, {.parent = FakeProcesses::init, .run = run_of_it});
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure, true});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20");
}

TEST_CASE_FIXTURE(KeptRun, "a port that is still held is logged, and its holder left alone") {
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

TEST_CASE_FIXTURE(KeptRun,
                  "a supervisor that closes its link is waited for: its children are its own until it has exited") {
    add_below(20);
    world.at(10, [&] { world.close_link(); });
    world.at(70, [&] {
        CHECK(processes.take_sent().empty());
        world.end(supervisor);
    });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
}

TEST_CASE_FIXTURE(KeptRun, "a supervisor that gave up hands its status on when nothing is left") {
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure, true});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(log.take().empty());  // the supervisor has logged why
}

TEST_CASE_FIXTURE(KeptRun, "the failure of a supervisor that could not report it is reported, though nothing is left") {
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure, false});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(log.take() ==
          "error: the supervisor (pid 101) gave up: ending what is left of the run\nerror: the run was ended because "
          "its supervisor failed, 0 processes in 0 ms (exit status 125)");
}

TEST_CASE_FIXTURE(KeptRun, "inherited children are not taken for what a supervisor that gave up has left") {
    scope.inherited_children = {Pid{60}};
    processes.add(60);
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure, true});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(log.take().empty());
}

TEST_CASE_FIXTURE(KeptRun, "what a supervisor that gave up has left is ended") {
    add_below(20);
    world.at(10, [&] {
        world.message(os::to_keeper::GaveUp{own_failure, true});
        world.end(supervisor, ExitStatus::exited(0));
    });
    CHECK(run() == own_failure);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(log.take() ==
          "error: the supervisor (pid 101) gave up: ending what is left of the run\nerror: the run was ended because "
          "its supervisor failed, 1 process in 0 ms (exit status 125)");
}
