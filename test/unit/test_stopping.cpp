// Which processes get a stop signal, and which one; none gets it twice.
#include <doctest/doctest.h>

#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "vlmshim/cleanup/stopping.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// A server 110 (stop signal SIGINT) with a worker 111 that has a helper 112; all ignore the stop signal.
Ownership::Hooks one_server() {
    return {.servers =
                [] {
                    return std::vector{OwningServer{ServerId{0}, "model", Pid{110}, sigint}};
                },
            .by_port = [](const auto&) { return std::map<Pid, ServerId>{}; }};
}

struct Run {
    FakeProcesses processes;
    FakeLog log;
    Family family;
    EndedLog ended{processes, EndedLog::Wanted::Yes};
    Stopping stopping{processes, family, ended, log};

    explicit Run(FamilyScope scope = {}) : family(processes, std::move(scope), one_server()) {
        processes.add(110, {.on_signal = OnSignal::Ignores, .command = "server"});
        processes.add(111, {.parent = Pid{110}, .on_signal = OnSignal::Ignores, .command = "worker"});
        processes.add(112, {.parent = Pid{111}, .on_signal = OnSignal::Ignores, .command = "helper"});
    }

    /// The first: its main process.
    void stop_server() { stopping.stop(family.roots_of(ServerId{0}), Reach::OnlyUs); }
    void stop_tree(Reach already_reached = Reach::OnlyUs) {
        stopping.stop(family.of_server(ServerId{0}), already_reached);
    }

    /// "110 asked, 111 killed"
    std::string ends() const {
        std::string text;
        for (const EndedProcess& process : ended.list()) {
            text += (text.empty() ? "" : ", ") + std::to_string(process.pid.value) + " " +
                    std::string(ended_how_name(process.how));
        }
        return text;
    }
};

}  // namespace

TEST_CASE("what was ended, why and when, for the report") {
    Run run;
    Millis now{5};
    EndedLog ended{run.processes, EndedLog::Wanted::Yes, [&] { return now; }};
    Stopping stopping{run.processes, run.family, ended, run.log};
    run.processes.add(120, {.on_signal = OnSignal::Ignores, .command = "test"});
    run.processes.add(121, {.on_signal = OnSignal::Ignores, .command = "left"});
    run.processes.add(122, {.on_signal = OnSignal::Ignores, .command = "daemon", .marks = {"own-run", "model"}});
    run.processes.add(123, {.on_signal = OnSignal::Ignores, .command = "nested", .marks = {"other-run", "model"}});
    ended.test_is(Pid{120});
    stopping.pass_on(Pid{120}, sigterm, Wake::Yes);
    now = Millis{7};
    stopping.pass_on(Pid{120}, sigterm, Wake::Yes);
    stopping.pass_on(Pid{120}, sigkill, Wake::No);
    stopping.stop_leftovers(run.family.outside({ServerId{0}}));
    std::string text;
    for (const EndedProcess& one : ended.list()) {
        text += one.command + ": " + std::string(ended_why_name(one.why)) +
                (one.server.empty() ? "" : " of " + one.server) +
                (one.asked_at ? ", asked " + std::to_string(one.asked_at->count()) : "") +
                (one.killed_at ? ", killed " + std::to_string(one.killed_at->count()) : "") + "\n";
    }
    CHECK(text ==
          "test: test, asked 5, killed 7\n"
          "server: server of model\n"
          "left: leftover, asked 7\n"
          "daemon: server of model\n"
          "nested: leftover, asked 7\n"
          "worker: server of model\n"
          "helper: server of model\n");
}

TEST_CASE("a process gets its server's stop signal once, whatever requests it") {
    Run run;
    run.stop_server();
    CHECK(run.processes.take_sent() == "SIGINT 110, SIGCONT 110");
    run.stop_server();
    CHECK(run.processes.take_sent().empty());
    run.stop_tree();
    CHECK(run.processes.take_sent() == "SIGINT 111, SIGCONT 111, SIGINT 112, SIGCONT 112");
    run.stopping.stop_leftovers(run.family.living());
    CHECK(run.processes.take_sent().empty());
}

TEST_CASE("a process that has the terminal's signal is stopped only by a later call") {
    Run run;
    run.processes.at(112).group = Pgid{112};  // a daemon: out of the terminal's reach
    run.stop_tree(Reach::Group);
    CHECK(run.processes.take_sent() == "SIGINT 112, SIGCONT 112");
    CHECK(run.family.seen() == 3);
    run.stop_tree();
    CHECK(run.processes.take_sent() == "SIGINT 110, SIGCONT 110, SIGINT 111, SIGCONT 111");
}

TEST_CASE("another process with a reused pid gets its own stop signal") {
    Run run;
    run.stop_server();
    run.processes.take_sent();
    run.processes.add(110, {.start_ticks = 5'000});
    run.stop_server();
    CHECK(run.processes.take_sent() == "SIGINT 110, SIGCONT 110");
}

TEST_CASE("a child is signalled by its pid, other descendants after a check of their identity") {
    Run run;
    run.stop_tree();
    CHECK(run.processes.sent_unchecked == std::set{Pid{110}});
    CHECK(run.processes.take_sent() == "SIGINT 110, SIGCONT 110, SIGINT 111, SIGCONT 111, SIGINT 112, SIGCONT 112");
}

TEST_CASE("a grandchild whose pid was reused by a foreign process is not signalled") {
    Run run;
    const std::vector<Descendant> leftovers{run.processes.descendant(111)};
    run.processes.add(111, {.parent = FakeProcesses::shell, .start_ticks = 5'000});
    run.stopping.stop_leftovers(leftovers);
    CHECK(run.processes.take_sent().empty());
}

TEST_CASE("a stopped process is continued, so that it takes the stop signal") {
    Run run;
    run.processes.add(113, {.state = ProcessState::Stopped});
    run.processes.add(114, {.parent = Pid{112}, .state = ProcessState::Stopped});
    run.stopping.stop_leftovers({run.processes.descendant(113), run.processes.descendant(114)});
    CHECK(run.processes.stat(Pid{113})->dead());
    CHECK_FALSE(run.processes.has(114));
}

TEST_CASE("the dead get no stop signal") {
    Run run;
    run.processes.at(112).state = ProcessState::Zombie;
    run.stop_tree();
    CHECK(run.processes.take_sent() == "SIGINT 110, SIGCONT 110, SIGINT 111, SIGCONT 111");
}

TEST_CASE("an orphan of a server gets that server's stop signal, any other leftover SIGTERM") {
    Run run;
    run.processes.at(110).on_signal = OnSignal::Ends;
    run.processes.add(120);
    run.stop_server();
    run.processes.reap();
    run.processes.add(113, {.on_signal = OnSignal::Ignores, .marks = of_server("model")});  // never seen below it
    run.processes.take_sent();
    run.stopping.stop_leftovers(run.family.outside({}));
    CHECK(run.processes.take_sent() ==
          "SIGINT 111, SIGCONT 111, SIGINT 113, SIGCONT 113, SIGTERM 120, SIGCONT 120, SIGINT 112, SIGCONT 112");
}

TEST_CASE("a process that gets a stop signal counts as seen") {
    Run run;
    run.stop_server();
    CHECK(run.family.seen() == 1);
    run.stop_tree();
    CHECK(run.family.seen() == 3);
}

TEST_CASE("the report knows which processes got a stop signal and which were only seen") {
    Run run;
    run.stop_server();
    run.stopping.stop_leftovers({run.processes.descendant(112)});
    CHECK(run.ends() == "110 asked, 111 by itself, 112 asked");
}

TEST_CASE("after a ^Z a process and all its descendants are continued") {
    Run run;
    run.stopping.wake_tree(Pid{110});
    CHECK(run.processes.take_sent() == "SIGCONT 110, SIGCONT 111, SIGCONT 112");
    run.stopping.wake_tree(Pid{999});
    CHECK(run.processes.take_sent().empty());
}

TEST_CASE("a signal passed on continues a stopped child if requested") {
    struct Row {
        ProcessState state;
        Wake wake;
        const char* sent;
    };
    const Row rows[]{
        {ProcessState::Sleeping, Wake::Yes, "SIGTERM 110"},
        {ProcessState::Stopped, Wake::Yes, "SIGTERM 110, SIGCONT 110"},
        {ProcessState::Stopped, Wake::No, "SIGTERM 110"},
        {ProcessState::Traced, Wake::Yes, "SIGTERM 110"},  // its tracer decides
    };
    for (const Row& row : rows) {
        CAPTURE(row.sent);
        Run run;
        run.processes.at(110).state = row.state;
        run.stopping.pass_on(Pid{110}, sigterm, row.wake);
        CHECK(run.processes.take_sent() == row.sent);
    }
}

TEST_CASE("a signal passed on does not count as the stop signal") {
    Run run;
    run.stopping.pass_on(Pid{110}, sigterm, Wake::Yes);
    run.stopping.pass_on(Pid{110}, sigterm, Wake::Yes);
    run.stop_server();
    CHECK(run.processes.take_sent() == "SIGTERM 110, SIGTERM 110, SIGINT 110, SIGCONT 110");
}

TEST_CASE("the report has the signals that end a process, and no others") {
    struct Row {
        Signal signal;
        Wake wake;
        const char* ends;
    };
    const Row rows[]{
        {sigterm, Wake::Yes, "110 asked"}, {sigkill, Wake::No, "110 killed"}, {Signal{SIGUSR1}, Wake::No, ""}};
    for (const Row& row : rows) {
        Run run;
        run.stopping.pass_on(Pid{110}, row.signal, row.wake);
        CHECK(run.ends() == row.ends);
    }
}

TEST_CASE("a signal reaches every member of the group except its sender and us") {
    struct Row {
        const char* what;
        Pid sender;
        Pid namespace_init;
        bool group_is_refused;
        const char* sent;
    };
    const Row rows[]{
        {"from outside", FakeProcesses::shell, Pid{}, false, "SIGUSR1 group"},
        {"without a sender", Pid{}, Pid{}, false, "SIGUSR1 group"},
        {"from a process that has exited", Pid{999}, Pid{}, false, "SIGUSR1 group"},
        {"from a descendant in a group of its own", Pid{120}, Pid{}, false, "SIGUSR1 group"},
        {"from a member", Pid{111}, Pid{}, false, "SIGUSR1 110, SIGUSR1 112"},
        // our own echo would come back without a sender
        {"into a namespace", FakeProcesses::shell, Pid{105}, false, "SIGUSR1 110, SIGUSR1 111, SIGUSR1 112"},
        // -1 means all processes
        {"as PID 1", Pid{}, Pid{}, true, "SIGUSR1 110, SIGUSR1 111, SIGUSR1 112"},
        {"as PID 1, from a member", Pid{112}, Pid{}, true, "SIGUSR1 110, SIGUSR1 111"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Run run({.namespace_init = row.namespace_init});
        run.processes.add(120, {.group = Pgid{120}});  // a daemon
        run.processes.group_is_refused = row.group_is_refused;
        if (row.namespace_init.value != 0) {
            run.processes.add(105);
        }
        run.stopping.pass_on_to_group(Signal{SIGUSR1}, row.sender);
        CHECK(run.processes.take_sent() == row.sent);
    }
}
