// Ending processes that are not our descendants.
#include <doctest/doctest.h>

#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "vlmshim/cleanup/evictions.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

const RunOfProcess no_run{};
const RunOfProcess dead_run{RunOfProcess::State::Dead, "dead-run"};

struct Eviction {
    FakeProcesses processes;
    FakeLog log;
    EndedLog ended{processes, EndedLog::Wanted::Yes};
    Evictions evictions{processes, ended, log};

    void add(int pid, FakeProcess process = {}) {
        process.parent = FakeProcesses::init;
        processes.add(pid, std::move(process));
    }
};

}  // namespace

TEST_CASE("a holder gets one stop signal, and SIGKILL as often as it takes") {
    Eviction it;
    it.add(30, {.on_signal = OnSignal::Defies});
    it.evictions.add(it.processes.identity(30), no_run);
    it.evictions.send(sigterm);
    CHECK(it.processes.take_sent() == "SIGTERM 30, SIGCONT 30");
    it.evictions.add(it.processes.identity(30), no_run);
    it.evictions.send(sigterm);
    it.evictions.send(sigint);
    CHECK(it.processes.take_sent().empty());
    it.evictions.send(sigkill);
    it.evictions.send(sigkill);
    CHECK(it.processes.take_sent() == "SIGKILL 30, SIGKILL 30");
}

TEST_CASE("a stopped holder is continued, so that it takes the stop signal") {
    Eviction it;
    it.add(30, {.state = ProcessState::Stopped});
    it.evictions.add(it.processes.identity(30), no_run);
    it.evictions.send(sigterm);
    CHECK_FALSE(it.processes.has(30));
}

TEST_CASE("evictions are over when all have ended") {
    Eviction it;
    it.add(30);
    it.add(31, {.on_signal = OnSignal::Ignores});
    it.evictions.add(it.processes.identity(30), no_run);
    it.evictions.add(it.processes.identity(31), no_run);
    it.evictions.send(sigterm);
    it.evictions.forget_gone();
    CHECK(it.evictions.left() == std::set{it.processes.identity(31)});
    it.evictions.send(sigkill);
    it.evictions.forget_gone();
    CHECK(it.evictions.empty());
    CHECK(it.ended.list().at(0).why == EndedWhy::PortHolder);
    CHECK(it.ended.list().at(0).how == EndedHow::Terminated);
    CHECK(it.ended.list().at(1).how == EndedHow::Killed);
}

TEST_CASE("another process that got the pid of a holder is not signalled") {
    Eviction it;
    it.add(30);
    it.evictions.add(it.processes.identity(30), no_run);
    it.add(30, {.start_ticks = 5'000});
    it.evictions.send(sigterm);
    it.evictions.send(sigkill);
    CHECK(it.processes.take_sent().empty());
    CHECK(it.ended.total() == 0);
    it.evictions.forget_gone();
    CHECK(it.evictions.empty());
}

TEST_CASE("with a holder of a dead run all of that run is ended, and only that") {
    Eviction it;
    it.add(30, {.run = dead_run});
    it.add(31, {.run = dead_run});
    it.add(32, {.run = {RunOfProcess::State::Dead, "other-run"}});
    it.add(33, {.run = {RunOfProcess::State::Alive, "dead-run"}});
    it.add(34, {.run = {RunOfProcess::State::Unknown, "dead-run"}});
    it.add(35);
    it.evictions.add(it.processes.identity(30), dead_run);
    it.evictions.send(sigterm);
    CHECK(it.processes.take_sent() == "SIGTERM 30, SIGTERM 31");
    CHECK(it.ended.list().at(0).why == EndedWhy::DeadRun);
    CHECK(it.ended.list().at(1).why == EndedWhy::DeadRun);
}

TEST_CASE("what a dead run starts while it is being ended is ended too") {
    Eviction it;
    it.add(30, {.run = dead_run, .then = [&it](Signal) { it.add(31, {.run = dead_run}); }});
    it.evictions.add(it.processes.identity(30), dead_run);
    it.evictions.send(sigterm);
    CHECK(it.processes.has(31));
    it.evictions.send(sigkill);
    CHECK_FALSE(it.processes.has(31));
}

TEST_CASE("with a holder of a live run, or of none, no other process is ended") {
    for (const auto state : {RunOfProcess::State::Alive, RunOfProcess::State::Unknown, RunOfProcess::State::None}) {
        Eviction it;
        const RunOfProcess run{state, "run"};
        it.add(30, {.run = run});
        it.add(31, {.run = run});
        it.evictions.add(it.processes.identity(30), run);
        it.evictions.send(sigterm);
        CHECK(it.processes.take_sent() == "SIGTERM 30");
    }
}

TEST_CASE("with a dead run our ancestors, we and PID 1 are not ended") {
    // We run in a shell that a dead run has started, and carry its mark.
    Eviction it;
    for (const int pid : {1, 50, 100}) {
        it.processes.at(pid).run = dead_run;
    }
    it.add(30, {.run = dead_run});
    it.evictions.add(it.processes.identity(30), dead_run);
    it.evictions.send(sigterm);
    CHECK(it.processes.take_sent() == "SIGTERM 30");
    CHECK(it.evictions.left().size() == 1);

    it.processes.at(100).parent = Pid{0};  // as `docker exec` starts it: pid 1 is no ancestor then
    it.processes.at(50).run = no_run;
    it.add(31, {.run = dead_run});
    it.evictions.send(sigterm);
    CHECK(it.processes.take_sent() == "SIGTERM 31");
    CHECK_FALSE(it.evictions.left().contains(it.processes.identity(1)));
}

TEST_CASE("a refused signal makes a survivor that is not worth waiting for") {
    Eviction it;
    it.add(30, {.on_signal = OnSignal::Refuses, .state = ProcessState::Running});
    it.add(31, {.on_signal = OnSignal::Defies, .state = ProcessState::Running});
    it.evictions.add(it.processes.identity(30), no_run);
    it.evictions.send(sigkill);
    CHECK(it.log.take() == "debug: SIGKILL to pid 30: Operation not permitted");
    CHECK(classify(it.evictions.survivor_facts()) == Survivors::Unkillable);
    it.evictions.add(it.processes.identity(31), no_run);
    it.evictions.send(sigkill);
    CHECK(classify(it.evictions.survivor_facts()) == Survivors::Dying);
}
