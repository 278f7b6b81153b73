// The end of everything that a run has started.
#include <doctest/doctest.h>

#include "run_parts.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/teardown.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

struct Fixture : RunParts {
    explicit Fixture(FakeProcesses::Orphans orphans = FakeProcesses::Orphans::ToUs, const std::string& cookie = "")
        : RunParts(LogLevel::Info) {
        processes = FakeProcesses(orphans);
        scope.family.cookie = cookie;
        teardown.emplace(processes, scope, recorder.ended(), narrator, log, clock, ownership(), hooks());
    }

    RunScope scope;
    std::vector<ServerId> living_servers;
    bool main_processes_live = false;
    std::string reported;
    std::optional<Teardown> teardown;

    /// Its main process is 10.
    static Ownership::Hooks ownership() {
        return {.servers =
                    [] {
                        return std::vector{OwningServer{ServerId{0}, "model", Pid{10}, sigint}};
                    },
                .by_port = [](const auto&) { return std::map<Pid, ServerId>{}; }};
    }
    Teardown::Hooks hooks() {
        return {.living_servers = [this] { return living_servers; },
                .main_processes_live = [this] { return main_processes_live; },
                .reap = [this] { reap(); },
                .report = [this](const Event& event) { report(event); }};
    }
    void report(const Event& event) {
        reported += std::holds_alternative<event::TreeEmpty>(event)        ? " empty"
                    : std::holds_alternative<event::KillingGaveUp>(event)  ? " gave-up"
                    : std::holds_alternative<event::LeftoversFound>(event) ? " leftovers"
                                                                           : " ?";
    }
    std::string take_reported() { return std::exchange(reported, {}); }

    /// As the supervisor does at SIGCHLD.
    void reap() {
        os::WaitRound round;
        for (const Pid child : processes.own_children()) {
            if (processes.stat(child)->dead()) {
                round.reaped.push_back({child, ExitStatus::exited(0)});
            }
        }
        processes.reap();
        round.no_children = processes.own_children().empty();
        teardown->reaped(round);
        teardown->report_if_empty();
    }

    /// A server 10, and a test that has left 20 behind.
    void test_has_left_one() {
        teardown->something_started();
        processes.add(10, {.command = "llama-server"});
        living_servers = {ServerId{0}};
        teardown->note_before_test();
        processes.add(20, {.command = "node worker.js"});
    }
    void start(int pid, const FakeProcess& process = {}) {
        teardown->something_started();
        processes.add(pid, process);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "where nothing was started, nothing is looked for") {
    processes.add(20);  // a child of this process from before its exec
    teardown->note_before_test();
    teardown->stop_leftovers(Blame::Test);
    CHECK(processes.take_sent().empty());
    CHECK(log.take().empty());
    CHECK(take_reported().empty());
    CHECK(teardown->family().seen() == 0);
}

TEST_CASE_FIXTURE(Fixture, "what the test has left is logged, told to stop and reported") {
    test_has_left_one();
    std::string said_before;
    processes.at(20).then = [&](Signal) { said_before += log.take(); };
    teardown->stop_leftovers(Blame::Test);
    CHECK(said_before == "info: left behind by the test: pid 20 (node worker.js)");
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(take_reported() == " leftovers");

    teardown->stop_leftovers(Blame::Nobody);  // when a server has ended
    CHECK(log.take().empty());
    CHECK(processes.take_sent().empty());
    CHECK(take_reported().empty());
}

TEST_CASE_FIXTURE(Fixture, "where the test is not to blame, leftovers are only told to stop") {
    test_has_left_one();
    teardown->stop_leftovers(Blame::Nobody);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
    CHECK(log.take().empty());
    CHECK(take_reported().empty());
}

TEST_CASE_FIXTURE(Fixture, "the test is not blamed for what a server has left") {
    teardown->something_started();
    processes.add(10, {.on_signal = OnSignal::Ignores});
    processes.add(11, {.parent = Pid{10}});
    living_servers = {ServerId{0}};
    teardown->note_before_test();
    processes.end(10);
    reap();
    living_servers.clear();
    teardown->stop_leftovers(Blame::Test);
    CHECK(processes.take_sent() == "SIGINT 11, SIGCONT 11");
    CHECK(log.take().empty());
    CHECK(take_reported().empty());
}

TEST_CASE_FIXTURE(
    Fixture, "a server is told to stop as its main process and what it has put into the background, then all of it") {
    test_has_left_one();
    for (const int below : {11, 12}) {
        processes.add(below, {.parent = Pid{10}, .on_signal = OnSignal::Ignores});
    }
    processes.add(13, {.on_signal = OnSignal::Ignores, .group = Pgid{13}, .marks = of_server("model")});
    processes.at(10).on_signal = OnSignal::Ignores;
    teardown->stop_server(ServerId{0}, Reach::Group);
    CHECK(processes.take_sent() == "SIGINT 13, SIGCONT 13");
    teardown->stop_server(ServerId{0}, Reach::OnlyUs);
    CHECK(processes.take_sent() == "SIGINT 10, SIGCONT 10");
    teardown->stop_server_tree(ServerId{0}, Reach::OnlyUs);
    CHECK(processes.take_sent() == "SIGINT 11, SIGCONT 11, SIGINT 12, SIGCONT 12");
    teardown->stop_leftovers(Blame::Nobody);
    CHECK(processes.take_sent() == "SIGTERM 20, SIGCONT 20");
}

TEST_CASE_FIXTURE(Fixture, "leftovers are killed, and a server's tree is not") {
    test_has_left_one();
    processes.add(11, {.parent = Pid{10}});
    teardown->kill_leftovers();
    CHECK(processes.take_sent() == "SIGKILL 20");
    teardown->kill_server(ServerId{0});
    CHECK(processes.take_sent() == "SIGKILL 10, SIGKILL 11");
}

TEST_CASE_FIXTURE(Fixture, "the end is reported after each reaping that leaves no process") {
    start(10);
    start(20);
    processes.end(20);
    reap();
    CHECK(take_reported().empty());
    processes.end(10);
    reap();
    CHECK(take_reported() == " empty");
}

TEST_CASE_FIXTURE(Fixture, "what dies at once is gone at once") {
    start(10);
    processes.add(11, {.parent = Pid{10}, .on_signal = OnSignal::Ignores});
    teardown->kill_everything(KillReason::Demanded);
    CHECK(take_reported() == " empty");
    processes.take_sent();
    clock.advance(Millis{10'000});
    CHECK(take_reported().empty());
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "what does not die at once is killed again in rounds, until it has ended") {
    start(10, {.on_signal = OnSignal::Defies});
    teardown->kill_everything(KillReason::Demanded);
    processes.take_sent();
    clock.advance(kill_round_pause - Millis{1});
    CHECK(processes.take_sent().empty());
    processes.at(10).on_signal = OnSignal::Ignores;
    clock.advance(Millis{1});
    CHECK(processes.take_sent() == "SIGKILL 10");
    CHECK(take_reported() == " empty");
    clock.advance(Millis{10'000});
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "rounds end when the last one is reaped between them") {
    start(10, {.on_signal = OnSignal::Defies});
    teardown->kill_everything(KillReason::Demanded);
    processes.take_sent();
    processes.end(10);
    reap();
    CHECK(take_reported() == " empty");
    clock.advance(Millis{10'000});
    CHECK(take_reported().empty());
}

TEST_CASE_FIXTURE(Fixture, "killing gives up on what cannot be killed, counted from the last that ended") {
    start(10, {.on_signal = OnSignal::Defies, .state = ProcessState::Uninterruptible});
    start(20, {.on_signal = OnSignal::Defies, .state = ProcessState::Uninterruptible});
    teardown->kill_everything(KillReason::Demanded);
    clock.advance(kill_give_up - Millis{100});
    processes.end(20);
    reap();
    clock.advance(kill_give_up - Millis{100});
    CHECK(take_reported().empty());
    clock.advance(Millis{200});
    CHECK(take_reported() == " gave-up");
    teardown->report_survivors();
    CHECK(log.take() == "error: pid 10 (sleep 60), user lena cannot be ended");

    processes.take_sent();
    clock.advance(Millis{60'000});
    CHECK(take_reported().empty());
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "the namespace is released when the end has begun and no process of ours is left") {
    // Its init ends at the close of this descriptor. None has such a number, so that nothing is closed here.
    constexpr int no_descriptor = 1'000'000'000;
    const auto is_held = [&] { return static_cast<bool>(scope.pid_namespace.release); };
    scope.pid_namespace.release = os::Fd(no_descriptor);
    start(10);
    reap();
    CHECK(is_held());  // the run goes on

    main_processes_live = true;
    teardown->stop_leftovers(Blame::Nobody);
    reap();
    CHECK(is_held());  // the server has its grace

    main_processes_live = false;
    reap();
    CHECK_FALSE(is_held());
}

TEST_CASE("without a subreaper orphans are looked for again, since no SIGCHLD reports their end") {
    Fixture fixture(FakeProcesses::Orphans::ToInit, "this-run");
    fixture.start(20);
    const RunOfProcess of_this_run{RunOfProcess::State::Alive, "this-run", Pid{50}};
    fixture.processes.add(21, {.parent = Pid{20}, .on_signal = OnSignal::Ignores, .run = of_this_run});
    fixture.processes.end(20);
    fixture.reap();
    CHECK(fixture.take_reported().empty());
    CHECK_FALSE(fixture.teardown->must_poll());  // what a server has left in the background need not be found yet

    fixture.teardown->stop_leftovers(Blame::Nobody);
    CHECK(fixture.processes.take_sent() == "SIGTERM 21, SIGCONT 21");
    CHECK(fixture.teardown->must_poll());
    fixture.processes.end(21);
    fixture.reap();
    CHECK(fixture.take_reported() == " empty");
    CHECK_FALSE(fixture.teardown->must_poll());
}

TEST_CASE_FIXTURE(Fixture, "with a subreaper SIGCHLD reports every end") {
    start(10, {.on_signal = OnSignal::Ignores});
    teardown->stop_leftovers(Blame::Nobody);
    reap();
    CHECK_FALSE(teardown->must_poll());
}

TEST_CASE_FIXTURE(Fixture, "each process that is killed is logged once, and not when the user has demanded it") {
    start(10, {.on_signal = OnSignal::Ignores, .command = "deaf"});
    teardown->kill_everything(KillReason::GraceOver);
    CHECK(log.take() == "warning: pid 10 (deaf) did not stop within 3 s ([shutdown] grace, -g): killed");
    start(11, {.on_signal = OnSignal::Ignores});
    teardown->kill_everything(KillReason::Demanded);
    CHECK(log.take().find("did not stop") == std::string::npos);
}

// The graces of a server and of the leftovers ended together: a worker of the server was killed, and then named as one
// that had not stopped, by a name in brackets, since its memory was gone already.
TEST_CASE_FIXTURE(Fixture, "what has got SIGKILL already is not named as one that did not stop") {
    const auto dies_slowly = [](int parent, const std::string& command) {
        return FakeProcess{.parent = Pid{parent}, .on_signal = OnSignal::Defies, .command = command};
    };
    start(10, dies_slowly(FakeProcesses::us.value, "[llama-server]"));
    start(11, dies_slowly(10, "[worker]"));
    start(20, dies_slowly(FakeProcesses::us.value, "node worker.js"));
    teardown->kill_server(ServerId{0});
    log.take();
    SUBCASE("at once") {
        teardown->kill_everything(KillReason::GraceOver);
        CHECK(log.take() == "warning: pid 20 (node worker.js) did not stop within 3 s ([shutdown] grace, -g): killed");
    }
    SUBCASE("first the leftovers, then everything") {
        living_servers = {ServerId{0}};
        teardown->kill_leftovers();
        CHECK(log.take() == "warning: pid 20 (node worker.js) did not stop within 3 s ([shutdown] grace, -g): killed");
        teardown->kill_leftovers();
        teardown->kill_everything(KillReason::GraceOver);
        CHECK(log.take() == "");
    }
    SUBCASE("also when its main process was reaped") {
        processes.end(10);
        reap();
        teardown->kill_leftovers();
        CHECK(log.take() == "warning: pid 20 (node worker.js) did not stop within 3 s ([shutdown] grace, -g): killed");
    }
}

// Two servers ended in one look, and one of them was started again: the end of the tree was reported, and believed.
TEST_CASE_FIXTURE(Fixture, "the end is not reported when something was started in between") {
    start(10);
    processes.end(10);
    processes.reap();
    os::WaitRound round;
    round.no_children = true;
    teardown->reaped(round);
    teardown->something_started();
    teardown->report_if_empty();
    CHECK(take_reported().empty());
    CHECK_FALSE(teardown->is_empty());
}

TEST_CASE_FIXTURE(Fixture, "what lives beside the servers, in words") {
    CHECK(teardown->leftovers() == "");
    test_has_left_one();
    processes.add(11, {.parent = Pid{10}, .command = "worker of the server"});
    CHECK(teardown->leftovers() == "pid 20 (node worker.js)");
    processes.add(21, {.parent = Pid{20}});
    CHECK(teardown->leftovers() == "2 processes");
    processes.end(20);
    CHECK(teardown->leftovers() == "pid 21 (sleep 60)");
    CHECK(teardown->family().seen() == 0);  // to look is not to count
}
