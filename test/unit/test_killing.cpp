// SIGKILL in rounds, until nothing is left or that is hopeless.
#include <doctest/doctest.h>

#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "vlmshim/cleanup/killing.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

using State = Killing::State;

const Millis start{10'000};
const Millis late = start + kill_give_up;

struct Run {
    FakeProcesses processes;
    FakeLog log;
    Family family;
    EndedLog ended;
    Killing killing{processes, family, ended, log};
    int reaps = 0;

    explicit Run(FamilyScope scope = {}, FakeProcesses::Orphans orphans = FakeProcesses::Orphans::ToUs,
                 EndedLog::Wanted wanted = EndedLog::Wanted::Yes)
        : processes(orphans), family(processes, std::move(scope)), ended(processes, wanted) {}

    State step(Millis now) {
        const auto reap = [this] {
            ++reaps;
            processes.reap();
            return processes.own_children().empty() ? Family::Children::None : Family::Children::Some;
        };
        return killing.step(reap, now);
    }
    EndedHow how(std::size_t i) const { return ended.list().at(i).how; }
};

/// Each starts the next one when it is killed.
void add_forker(Run& run, int pid, int last) {
    run.processes.add(pid, {.then = [&run, pid, last](Signal) {
                          if (pid < last) {
                              add_forker(run, pid + 1, last);
                          }
                      }});
}

}  // namespace

TEST_CASE("the given processes are killed, and no others") {
    Run run;
    run.processes.add(110);
    run.processes.add(111, {.parent = Pid{110}});
    run.processes.add(120);
    run.killing.kill({run.processes.descendant(110), run.processes.descendant(111)});
    CHECK(run.processes.take_sent() == "SIGKILL 110, SIGKILL 111");
    CHECK(run.ended.total() == 2);
}

TEST_CASE("one step ends all of the run") {
    Run run;
    run.processes.add(110, {.on_signal = OnSignal::Ignores});
    run.processes.add(111, {.parent = Pid{110}, .state = ProcessState::Stopped});
    run.processes.add(120);
    CHECK(run.step(start) == State::Gone);
    CHECK(run.processes.take_sent() == "SIGKILL 110, SIGKILL 120, SIGKILL 111");
    CHECK(run.ended.total() == 3);
    CHECK(run.family.seen() == 3);
}

TEST_CASE("all that were killed are counted, whether a report is wanted or not") {
    // At a second ^C the tree was not walked before, and a child that has just been killed is dead when its stat is
    // read: without a report the last line counted too few.
    for (const auto wanted : {EndedLog::Wanted::No, EndedLog::Wanted::Yes}) {
        Run run({}, FakeProcesses::Orphans::ToUs, wanted);
        run.processes.add(110);
        run.processes.add(111, {.parent = Pid{110}});
        CHECK(run.step(start) == State::Gone);
        CHECK(run.family.seen() == 2);
    }
}

TEST_CASE("with no process there is nothing to do") {
    Run run;
    CHECK(run.step(start) == State::Gone);
    CHECK(run.processes.take_sent().empty());
}

TEST_CASE("what turns up while others are killed is killed in the same step") {
    Run run;
    add_forker(run, 110, 120);
    CHECK(run.step(start) == State::Gone);
    CHECK_FALSE(run.processes.has(120));
    CHECK(run.processes.raised_priority == 1);
}

TEST_CASE("a step has an end though a process forks for ever") {
    Run run;
    add_forker(run, 1'000, 1'000'000);
    CHECK(run.step(start) == State::GoesOn);
    CHECK(run.reaps == most_rounds_at_once);
    CHECK(run.step(start) == State::GoesOn);
    CHECK(run.processes.raised_priority == 1);  // once is enough
}

TEST_CASE("without new processes the step does not start another round") {
    Run run;
    run.processes.add(110, {.on_signal = OnSignal::Defies});
    CHECK(run.step(start) == State::GoesOn);
    CHECK(run.reaps == 2);  // once as a new process
    run.step(start);
    CHECK(run.reaps == 3);
}

TEST_CASE("inherited children are never killed, nor what is below them") {
    Run run({.inherited_children = {Pid{90}}});
    run.processes.add(90);
    run.processes.add(91, {.parent = Pid{90}});
    run.processes.add(110);
    run.processes.add(60, {.parent = FakeProcesses::shell});
    CHECK(run.step(start) == State::Gone);
    CHECK(run.processes.take_sent() == "SIGKILL 110");
}

TEST_CASE("without a subreaper the orphans are found and killed too") {
    Run run({.cookie = "run"}, FakeProcesses::Orphans::ToInit);
    const RunOfProcess own{RunOfProcess::State::Alive, "run", Pid{99}};
    run.processes.add(110, {.run = own});
    run.processes.add(111, {.parent = FakeProcesses::init, .run = own});
    run.processes.add(112, {.parent = FakeProcesses::init});
    CHECK(run.step(start) == State::Gone);
    CHECK(run.processes.take_sent() == "SIGKILL 110, SIGKILL 111");
}

TEST_CASE("what cannot be killed is given up at the limit, not earlier") {
    struct Row {
        const char* what;
        OnSignal on_signal;
        ProcessState state;
        bool dying;
    };
    const Row rows[]{
        {"another user's", OnSignal::Refuses, ProcessState::Running, false},
        {"in uninterruptible sleep", OnSignal::Defies, ProcessState::Uninterruptible, false},
        {"traced", OnSignal::Defies, ProcessState::Traced, false},
        {"waiting for a processor", OnSignal::Defies, ProcessState::Running, true},
    };
    for (const Row& row : rows) {
        for (const Pid parent : {FakeProcesses::us, Pid{110}}) {
            CAPTURE(row.what);
            CAPTURE(parent.value);
            Run run;
            run.processes.add(110, {.on_signal = row.on_signal, .state = row.state});
            run.processes.add(111, {.parent = parent, .on_signal = row.on_signal, .state = row.state});
            CHECK(run.step(start) == State::GoesOn);
            CHECK(run.step(late - Millis{1}) == State::GoesOn);
            CHECK(run.step(late) == (row.dying ? State::GoesOn : State::GaveUp));
        }
    }
}

TEST_CASE("the dying are waited for several times, then given up") {
    Run run;
    run.processes.add(110, {.on_signal = OnSignal::Defies, .state = ProcessState::Running});
    Millis now = start;
    run.step(now);
    for (int i = 0; i < most_waits_for_dying; ++i) {
        now += kill_give_up;
        CHECK(run.step(now) == State::GoesOn);
    }
    CHECK(run.step(now + kill_give_up - Millis{1}) == State::GoesOn);
    CHECK(run.step(now + kill_give_up) == State::GaveUp);
}

TEST_CASE("the end of one process starts the time limit again") {
    Run run;
    run.killing.progress(start);  // before the first step: no effect
    run.processes.add(110, {.on_signal = OnSignal::Refuses});
    run.step(start);
    run.killing.progress(late - Millis{1});
    CHECK(run.step(late) == State::GoesOn);
    CHECK(run.step(late - Millis{1} + kill_give_up) == State::GaveUp);
}

TEST_CASE("a dead child whose tracer does not release it is given up too") {
    Run run;
    run.processes.add(110, {.traced = true});
    CHECK(run.step(start) == State::GoesOn);
    CHECK(run.step(late) == State::GaveUp);
}

TEST_CASE("survivors are logged with the reason") {
    Run run;
    run.processes.add(110, {.on_signal = OnSignal::Refuses, .command = "sudo server", .user = "root"});
    run.processes.add(111, {.parent = Pid{110}, .state = ProcessState::Zombie});  // the parent's business
    run.processes.add(112, {.command = "debuggee", .traced = true});
    run.step(start);
    run.log.take();
    run.killing.report_survivors();
    CHECK(run.log.take() ==
          "error: pid 110 (sudo server), user root cannot be ended\n"
          "error: pid 112 (debuggee), user lena has ended, but its tracer (ptrace) does not release it");
    CHECK(run.ended.total() == 2);
    CHECK(run.how(0) == EndedHow::Survived);
    CHECK(run.how(1) == EndedHow::Survived);
}

TEST_CASE("without a subreaper processes that are not met by any look leave the end unproven, and that is said") {
    Run run({.cookie = "run"}, FakeProcesses::Orphans::ToInit);
    run.processes.add(900, {.parent = FakeProcesses::init, .run = {RunOfProcess::State::Alive, "run"}});
    run.processes.flights = 1'000'000;
    CHECK(run.step(start) == State::GoesOn);
    CHECK(run.step(late) == State::GaveUp);
    run.killing.report_survivors();
    CHECK(run.log.take().find("error: it is not proven that nothing of the run is left") != std::string::npos);
    CHECK(run.ended.total() == 0);
}

TEST_CASE("without survivors nothing is logged") {
    Run run;
    run.processes.add(110);
    run.step(start);
    run.log.take();
    run.killing.report_survivors();
    CHECK(run.log.take().empty());
    CHECK(run.how(0) == EndedHow::Killed);
}
