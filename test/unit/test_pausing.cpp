// ^Z, fg and bg: what is stopped with the job, what runs on, and what the keeper is told.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "fake_terminal.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/pausing.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// A server 10 with a worker 11, and a test 20 with a child 21.
struct Fixture {
    FakeTerminal terminal;
    FakeClock clock;
    FakeLog log;
    FakeProcesses processes;
    Family family{processes, {}};
    EndedLog ended{processes, EndedLog::Wanted::No};
    Stopping stopping{processes, family, ended, log};
    JobControl job{terminal};
    os::Sent to_keeper = os::Sent::Yes;
    Pid test{20};
    std::string done;  // in order
    Pausing pausing{job, processes, stopping, clock, hooks()};

    Fixture() {
        processes.add(10);
        processes.add(11, {.parent = Pid{10}});
        processes.add(20);
        processes.add(21, {.parent = Pid{20}});
    }

    Pausing::Hooks hooks() {
        return {.test = [this] { return test; },
                .servers = [] { return std::vector{Pid{10}}; },
                .send_to_keeper =
                    [this](const os::ToKeeper& message) {
                        if (const auto* stopped = std::get_if<os::to_keeper::Stopped>(&message)) {
                            done += " stopped:" + signal_name(stopped->signal);
                        } else if (const auto* shared = std::get_if<os::to_keeper::Shared>(&message)) {
                            done += " shared:" + signal_name(shared->signal);
                        }
                        return to_keeper;
                    },
                .is_pid_one = [this] { return to_keeper == os::Sent::Gone; },
                .pause = [this] { done += " pause"; },
                .resume = [this] { done += " resume"; }};
    }
    std::string take() { return std::exchange(done, {}); }
};

const ArrivedSignal typed{{sigtstp, Pid{}, SignalCode::Kernel}, SignalPath::Direct};
const ArrivedSignal relayed{{sigtstp, Pid{7}, SignalCode::Process}, SignalPath::Relayed};
const ArrivedSignal to_us{{sigtstp, Pid{7}, SignalCode::Process}, SignalPath::Direct};

const std::string paused = " pause stopped:SIGTSTP";
const std::string woken = "SIGCONT 10, SIGCONT 11";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a ^Z before the test stops the job, its timers and its probes") {
    pausing.stop_job(typed, JobState::Waiting);
    CHECK(take() == paused);
    CHECK(processes.take_sent().empty());  // the terminal has stopped the servers
}

TEST_CASE_FIXTURE(Fixture, "a stop that reached only the keeper goes to the group, too") {
    pausing.stop_job(relayed, JobState::Waiting);
    CHECK(take() == paused);
    CHECK(processes.take_sent() == "SIGTSTP group");
}

TEST_CASE_FIXTURE(Fixture, "without a keeper there is no job: servers that a ^Z has stopped are continued") {
    to_keeper = os::Sent::Gone;
    pausing.stop_job(typed, JobState::Waiting);
    CHECK(take() == " pause stopped:SIGTSTP resume");
    CHECK(processes.take_sent() == woken);
    pausing.end_pause();
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(Fixture, "a ^Z that the test ignores stops nothing") {
    pausing.stop_job(typed, JobState::Testing);
    clock.advance(time_to_stop - Millis{1});
    CHECK(processes.take_sent().empty());
    clock.advance(Millis{1});
    CHECK(processes.take_sent() == woken);
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(Fixture, "a ^Z under which the test ended stops nothing") {
    pausing.stop_job(typed, JobState::Testing);
    test = Pid{};
    clock.advance(time_to_stop);
    CHECK(processes.take_sent() == woken);
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(Fixture, "a test that stops in time stops the job, and the servers stay as they are") {
    pausing.stop_job(typed, JobState::Testing);
    processes.at(20).state = ProcessState::Stopped;
    pausing.test_stopped(sigtstp);
    CHECK(take() == paused);
    clock.advance(time_to_stop);
    CHECK(take().empty());
    CHECK(processes.take_sent().empty());
}

// A dash that has started its child by vfork(2), and ^Z stopped the child before its exec: dash cannot stop, nor end.
TEST_CASE_FIXTURE(Fixture, "a test that cannot stop because its child has stopped counts as stopped") {
    struct Row {
        ProcessState test;
        ProcessState child;
        bool pauses;
    };
    const Row rows[] = {
        {ProcessState::Uninterruptible, ProcessState::Stopped, true},
        {ProcessState::Uninterruptible, ProcessState::Sleeping, false},  // it waits for a disk
        {ProcessState::Sleeping, ProcessState::Stopped, false},
    };
    for (const Row& row : rows) {
        processes.at(20).state = row.test;
        processes.at(21).state = row.child;
        pausing.stop_job(typed, JobState::Testing);
        clock.advance(time_to_stop);
        CHECK(take() == (row.pauses ? paused : ""));
        CHECK(processes.take_sent() == (row.pauses ? "" : woken));
        pausing.end_pause();
        take();
        processes.take_sent();
    }
}

TEST_CASE_FIXTURE(Fixture, "a teardown is not paused: servers that a ^Z has stopped are continued") {
    pausing.stop_job(typed, JobState::Ending);
    CHECK(take().empty());
    CHECK(processes.take_sent() == woken);
}

TEST_CASE("a test that stops itself stops the job where a shell can continue it") {
    for (const bool there : {true, false}) {
        Fixture fixture;
        fixture.terminal.there = there;
        fixture.pausing.test_stopped(sigstop);
        CHECK(fixture.take() == (there ? " pause stopped:SIGSTOP" : ""));
    }
}

TEST_CASE_FIXTURE(Fixture, "one stop pauses once, and one continue resumes once") {
    pausing.test_stopped(sigtstp);
    pausing.test_stopped(sigtstp);
    pausing.stop_job(relayed, JobState::Waiting);
    CHECK(take() == paused);
    CHECK(processes.take_sent().empty());

    pausing.job_continued();
    CHECK(take() == " resume");
    CHECK(processes.take_sent() == "SIGCONT group");
    pausing.job_continued();
    pausing.end_pause();
    CHECK(take().empty());
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "what ends the run ends a pause") {
    pausing.end_pause();
    CHECK(take().empty());
    CHECK(processes.take_sent().empty());

    pausing.test_stopped(sigtstp);
    take();
    pausing.end_pause();
    CHECK(take() == " resume");
    CHECK(processes.take_sent() == "SIGCONT group");
}

TEST_CASE_FIXTURE(Fixture, "after fg the terminal is the run's again before the group is continued") {
    pausing.test_stopped(sigtstp);
    take();
    terminal.front = callers_group;  // the shell has given it to the job
    pausing.job_continued();
    CHECK(terminal.front == our_group);
    CHECK(take() == " resume");
}

TEST_CASE_FIXTURE(
    Fixture, "a process that wants the terminal gets it and is continued, or is stopped as the caller's job would be") {
    terminal.front = callers_group;
    pausing.terminal_wanted(sigttin);
    CHECK(terminal.front == our_group);
    CHECK(processes.take_sent() == "SIGCONT group");
    CHECK(take().empty());

    terminal.front = Pgid{40};  // the shell's: we run in the background
    pausing.terminal_wanted(sigttou);
    CHECK(terminal.front == Pgid{40});
    CHECK(processes.take_sent().empty());
    CHECK(take() == " shared:SIGTTOU");
}

TEST_CASE_FIXTURE(Fixture,
                  "a stop from outside reaches the whole group, without a terminal too, and ends with SIGCONT") {
    terminal.there = false;
    pausing.stop_job(relayed, JobState::Testing);
    CHECK(processes.take_sent() == "SIGTSTP group");
    pausing.test_stopped(sigtstp);
    CHECK(take() == paused);
    clock.advance(time_to_stop);
    CHECK(processes.take_sent().empty());
    pausing.job_continued();
    CHECK(take() == " resume");
    CHECK(processes.take_sent() == "SIGCONT group");
    pausing.test_stopped(sigstop);  // by itself: no shell would continue it
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "as PID 1 a stop from outside is one that an orphaned group cannot ignore, and SIGCONT ends it") {
    to_keeper = os::Sent::Gone;
    pausing.continued();
    CHECK(processes.take_sent().empty());
    pausing.stop_job(to_us, JobState::Testing);
    CHECK(processes.take_sent() == "SIGSTOP group");
    pausing.test_stopped(sigstop);
    CHECK(take() == " pause stopped:SIGSTOP");
    pausing.continued();
    CHECK(take() == " resume");
    CHECK(processes.take_sent() == "SIGCONT group");
}

TEST_CASE("in the caller's own group a ^Z only pauses the timers, until SIGCONT") {
    Fixture fixture;
    FakeTerminal outside({.group = Pgid{}, .front = Pgid{}});
    JobControl job(outside);
    Pausing pausing(job, fixture.processes, fixture.stopping, fixture.clock, fixture.hooks());
    CHECK(job.shares_callers_group());
    CHECK(outside.group == Pgid{});  // none of our own was made
    pausing.test_stopped(sigtstp);
    CHECK(fixture.take() == " pause");
    pausing.continued();
    CHECK(fixture.take() == " resume");
}

// A nested vlmshim wanted the terminal for its shell, got it, and stopped itself only then.
TEST_CASE_FIXTURE(Fixture, "a test that stopped because it wants the terminal is continued when it can have it") {
    pausing.test_stopped(sigttin);
    CHECK(take().empty());
    CHECK(processes.take_sent() == "SIGCONT group");
    terminal.front = Pgid{40};
    pausing.test_stopped(sigttin);
    CHECK(take() == " pause stopped:SIGTTIN");
}
