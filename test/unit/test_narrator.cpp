// The messages of a run to its user, and their levels.
#include <doctest/doctest.h>

#include "run_parts.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// A server, and a test.
struct Fixture : RunParts {
    Fixture() {
        config.servers.resize(1);
        config.servers[0].name = "model";
        config.servers[0].grace = Millis{2'000};
        config.test.command = {"test"};
        processes.add(70, {.parent = FakeProcesses::shell, .command = "timeout 60"});
    }

    std::string ended(ServerEnd what, ExitStatus status = ExitStatus::exited(1)) {
        narrator.server_ended(config.servers[0], status, what);
        return log.take();
    }
    std::string after_signal(const SignalInfo& info, const SignalMeaning& meaning) {
        narrator.signal_arrived(info, meaning, Millis{0});
        return log.take();
    }

    /// Started, and ready, with this output.
    ServerView served(std::vector<std::string> lines) {
        return {.config = config.servers[0],
                .was_started = true,
                .probe = ProbeView{"http://127.0.0.1:8080/health", "HTTP 503", "", Millis{1'200}, false},
                .output = [lines = std::move(lines)] { return lines; }};
    }
    std::string after_end(const Outcome& outcome, std::vector<ServerView> servers, std::size_t seen = 2) {
        narrator.phase_changed(Phase::Testing, Phase::Draining);
        log.take();
        clock.advance(Millis{40});
        narrator.end({outcome, std::move(servers), seen, {Port{8080}}, "port 8080 is busy"});
        return log.take();
    }
};

const Outcome passed{Failure::None, std::nullopt, ExitStatus::exited(0), ExitStatus::exited(0), std::nullopt};
const Outcome died{Failure::ServerDied,           ServerId{0}, ExitStatus::exited(125),
                   ExitStatus::signaled(sigterm), sigterm,     ServerEnd::UnderTest};
const std::string ended_model = "info: ended model (2 processes) in 40 ms, port 8080 is free";
const std::string why_died = "error: server 'model' died while the test was running (exit status 125)";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a server's life") {
    narrator.server_started("model", Pid{10}, "llama-server --port 8080");
    CHECK(log.take() == "info: model: started (pid 10): llama-server --port 8080");
    narrator.server_ready(served({}));
    CHECK(log.take() == "info: model: ready after 1.2 s (http://127.0.0.1:8080/health)");
    narrator.owner_unknown("model", Port{8080});
    CHECK(log.take() == "debug: model: cannot see who listens on port 8080");
    narrator.port_changed("model", Port{4001}, Port{4002});
    CHECK(log.take() == "info: model: another process took port 4001: port 4002 instead");
    narrator.server_killed(config.servers[0]);
    CHECK(log.take() == "warning: model did not stop within 2 s ([server] grace, -g): killed");
    config.servers[0].grace.reset();
    narrator.server_killed(config.servers[0]);
    CHECK(log.take() == "warning: model did not stop within 3 s ([shutdown] grace, -g): killed");
}

TEST_CASE_FIXTURE(Fixture, "a server in the background, and one that stopped listening") {
    processes.add(12, {.command = "redis-server *:8080"});
    narrator.server_in_background(config.servers[0], {Pid{12}});
    CHECK(log.take() == "info: model: went into the background: pid 12 (redis-server *:8080)");
    narrator.server_in_background(config.servers[0], {Pid{12}, Pid{13}, Pid{14}});
    CHECK(log.take() == "info: model: went into the background: pid 12 (redis-server *:8080) and 2 more");
    narrator.listener_lost(config.servers[0], Port{8080}, "pid 12 (node a.js)");
    CHECK(log.take() ==
          "warning: model stopped listening on port 8080: pid 12 (node a.js) has ended, the rest of it lives on");
    narrator.listens_again(config.servers[0], Port{8080}, processes.identity(12));
    CHECK(log.take() == "info: model: pid 12 (redis-server *:8080) listens on port 8080 again");
}

TEST_CASE_FIXTURE(Fixture, "a test that failed after its server had stopped listening is logged with it") {
    const ExitStatus one = ExitStatus::exited(1);
    Outcome failed{Failure::None, std::nullopt, one, one, std::nullopt};
    failed.listener_lost = ServerId{0};
    const std::string cause = "\nwarning: the test failed after server 'model' had stopped listening";
    CHECK(after_end(failed, {served({"x"})}).ends_with(cause));
    failed.ended_by = sigterm;
    CHECK_FALSE(after_end(failed, {served({"x"})}).ends_with(cause));
    Outcome fine = passed;
    fine.listener_lost = ServerId{0};
    CHECK_FALSE(after_end(fine, {served({"x"})}).ends_with(cause));
}

TEST_CASE_FIXTURE(Fixture, "the end of a server") {
    CHECK(ended(ServerEnd::Expected) == "debug: model: exited with 1");
    CHECK(ended(ServerEnd::Ignored) == "info: model: exited with 1 (on_exit = \"ignore\")");
    CHECK(ended(ServerEnd::BeforeReady) == "error: model: exited with 1 before it was ready");
    CHECK(ended(ServerEnd::BeforeTest) == "error: model: exited with 1 while others were not ready yet");
    CHECK(ended(ServerEnd::WhileServing) == "error: model: exited with 1 while it was serving");
    CHECK(ended(ServerEnd::UnderTest, ExitStatus::signaled(sigkill)) ==
          "error: model: was killed by SIGKILL while the test was running");
}

TEST_CASE_FIXTURE(Fixture, "the loss of a server that is used as it is") {
    narrator.reused_port_lost({Port{8080}, action::GoesOn::Yes});
    CHECK(log.take() ==
          "warning: port 8080: the server that is used as it is has ended, no process listens any more; the test goes "
          "on");
    narrator.reused_port_lost({Port{8080}, action::GoesOn::No});
    CHECK(log.take() == "warning: port 8080: the server that is used as it is has ended, no process listens any more");
}

TEST_CASE_FIXTURE(Fixture, "how the user can end serving depends on the terminal") {
    config.servers.resize(2);
    config.servers[1].name = "proxy";
    narrator.serving({Port{8080}, Port{9000}}, Narrator::Place::Foreground);
    CHECK(log.take() == "info: serving model, proxy on ports 8080, 9000: ^C ends it");
    narrator.serving({Port{8080}, Port{9000}}, Narrator::Place::Background);
    CHECK(log.take() == "info: serving model, proxy on ports 8080, 9000: SIGINT or SIGTERM ends it");
}

TEST_CASE_FIXTURE(Fixture, "the test's end is news only where a server was started for it") {
    narrator.test_started(Pid{20}, "test");
    CHECK(log.take() == "debug: test started (pid 20): test");
    clock.advance(Millis{2'100});
    narrator.test_ended(ExitStatus::exited(3));
    CHECK(log.take() == "info: test exited with 3 after 2.1 s");
    config.servers.clear();
    narrator.test_ended(ExitStatus::exited(3));
    CHECK(log.take() == "debug: test exited with 3 after 2.1 s");

    narrator.test_stopped(sigtstp);
    CHECK(log.take() == "debug: the test was stopped by SIGTSTP");
}

TEST_CASE_FIXTURE(Fixture,
                  "a test that died of a signal is always news: the Killed of a shell looks as if we had crashed") {
    config.servers.clear();
    narrator.test_started(Pid{20}, "test");
    log.take();
    clock.advance(Millis{1'100});
    narrator.test_ended(ExitStatus::signaled(sigkill));
    CHECK(log.take() == "info: test was killed by SIGKILL after 1.1 s");
}

TEST_CASE_FIXTURE(Fixture, "what cannot be started is logged once, at the end, with the reason") {
    const auto failed = [](Failure why, int status) {
        return Outcome{why, ServerId{0}, ExitStatus::exited(status), std::nullopt, std::nullopt};
    };
    narrator.test_not_started("Permission denied");
    narrator.server_not_started("llama-server", "No such file or directory");
    CHECK(log.take().empty());
    CHECK(after_end(failed(Failure::TestNotStarted, 126), {{.config = config.servers[0]}}, 1) ==
          "info: ended 1 process in 40 ms, port 8080 is free\n"
          "error: test command 'test' could not be started: Permission denied (exit status 126)");
    CHECK(after_end(failed(Failure::ServerNotStarted, 125), {{.config = config.servers[0]}}, 1) ==
          "info: ended 1 process in 40 ms, port 8080 is free\n"
          "error: server 'model' could not be started: 'llama-server': No such file or directory; the test was not run "
          "(exit status 125)");
}

TEST_CASE_FIXTURE(Fixture, "a test that takes its time is waited for in words, on a terminal that shows them") {
    narrator.test_still_there(Millis{4'000}, Narrator::Place::Foreground);
    CHECK(log.take().empty());
    log.on_terminal = true;
    narrator.test_still_there(Millis{4'000}, Narrator::Place::Background);
    CHECK(log.take().empty());
    narrator.test_still_there(Millis{4'000}, Narrator::Place::Foreground);
    CHECK(log.take() == "info: waiting for the test to stop: killed in 4 s, ^C kills now");
    narrator.test_killed();
    CHECK(log.take() == "warning: test did not stop within 5 s ([test] grace, -g): killed");
    config.test.command = {"/usr/bin/vlmshim", "--", "test"};
    narrator.test_killed();
    CHECK(log.take().ends_with("killed; a vlmshim needs the graces of its own run, 8 s by default"));
}

TEST_CASE_FIXTURE(Fixture, "of many that have to be killed ten are named, and the others counted") {
    std::vector<Descendant> killed;
    for (int pid = 201; pid <= 212; ++pid) {
        processes.add(pid);
        killed.push_back({processes.identity(pid), FakeProcesses::us, Life::Living});
    }
    narrator.leftovers_killed({killed.front()});
    CHECK(log.take() == "warning: pid 201 (sleep 60) did not stop within 3 s ([shutdown] grace, -g): killed");
    narrator.leftovers_killed({killed.begin() + 1, killed.end()});
    CHECK(log.lines.size() == 10);
    CHECK(log.lines.back() == "warning: 2 more did not stop within 3 s ([shutdown] grace, -g): killed");
    log.take();
    narrator.leftovers_killed({killed.front()});
    CHECK(log.take() == "warning: 1 more did not stop within 3 s ([shutdown] grace, -g): killed");
    narrator.leftovers_killed({});
    CHECK(log.take().empty());
}

TEST_CASE_FIXTURE(Fixture, "what the test left is named, as an error where it fails the run") {
    narrator.left_by_test({});
    CHECK(log.take().empty());
    narrator.left_by_test({processes.identity(70)});
    CHECK(log.take() == "info: left behind by the test: pid 70 (timeout 60)");
    config.test.leftovers = Leftovers::Fail;
    narrator.left_by_test({processes.identity(70)});
    CHECK(log.take() == "error: left behind by the test: pid 70 (timeout 60)");
}

TEST_CASE_FIXTURE(Fixture, "of many that the test left ten are named, and the others counted") {
    std::vector<ProcessIdentity> left;
    for (int pid = 201; pid <= 210; ++pid) {
        processes.add(pid);
        left.push_back(processes.identity(pid));
    }
    narrator.left_by_test(left);
    CHECK(log.lines.size() == 10);
    CHECK(log.lines.back() == "info: left behind by the test: pid 210 (sleep 60)");
    log.take();
    left.insert(left.end(), 25, left.front());
    narrator.left_by_test(left);
    CHECK(log.lines.size() == 11);
    CHECK(log.lines.back() == "info: left behind by the test: 25 more");
}

TEST_CASE_FIXTURE(Fixture, "the sender of a signal is logged, that of a typed one at level debug") {
    const SignalInfo sent{sigterm, Pid{70}, SignalCode::Process};
    const SignalInfo from_outside{sigterm, Pid{0}, SignalCode::Process};
    const SignalInfo typed{sigint, Pid{0}, SignalCode::Kernel};
    const meaning::EndRun ends{sigterm, sigterm, Reach::OnlyUs};
    struct Row {
        SignalInfo info;
        SignalMeaning meaning;
        const char* said;
    };
    const Row rows[] = {
        {sent, ends, "info: SIGTERM from pid 70 (timeout 60)"},
        {sent, meaning::EndNow{}, "info: SIGTERM from pid 70 (timeout 60)\ninfo: second SIGTERM: killing everything"},
        {from_outside, ends, "info: SIGTERM from a process outside our PID namespace"},
        {typed, ends, "debug: SIGINT from the terminal"},
        {typed, meaning::EndNow{}, "debug: SIGINT from the terminal\ninfo: second SIGINT: killing everything"},
        {sent, meaning::SameRequest{std::nullopt, Reach::OnlyUs}, "debug: SIGTERM from pid 70 (timeout 60)"},
        {sent, meaning::PassOn{sigterm, Pid{70}}, "debug: SIGTERM from pid 70 (timeout 60)"},
        {sent, meaning::Nothing{}, ""},
        {sent, meaning::StopJob{}, ""},
        {sent, meaning::WantsTerminal{sigttin}, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.said);
        CHECK(after_signal(row.info, row.meaning) == row.said);
    }
}

TEST_CASE_FIXTURE(Fixture, "phases are logged at level debug, the loss of the keeper as an error") {
    narrator.phase_changed(Phase::Starting, Phase::Testing);
    narrator.keeper_lost();
    CHECK(log.take() == "debug: phase starting -> testing\nerror: the keeper was killed: ending the run");
}

TEST_CASE_FIXTURE(Fixture, "the end is logged where there was something to end") {
    CHECK(after_end(passed, {served({})}) == ended_model);
    CHECK(after_end(passed, {}, 1) == "info: ended 1 process in 40 ms, port 8080 is free");
    CHECK(after_end(passed, {}, 0).empty());  // silent when there was nothing to do
    const ServerView reused{.config = config.servers[0]};
    CHECK(after_end(passed, {reused}, 0) == "info: nothing was left to end, port 8080 is free");
}

TEST_CASE_FIXTURE(Fixture, "the time of the end counts from its beginning, through all its phases") {
    narrator.phase_changed(Phase::Testing, Phase::Stopping);
    clock.advance(Millis{100});
    narrator.phase_changed(Phase::Stopping, Phase::Draining);
    narrator.phase_changed(Phase::Draining, Phase::Killing);
    clock.advance(Millis{20});
    log.take();
    narrator.end({passed, {}, 1, {}, ""});
    CHECK(log.take() == "info: ended 1 process in 120 ms");
}

TEST_CASE_FIXTURE(Fixture, "a failure is logged last, with the status, once, and as an annotation") {
    const Outcome timed_out{Failure::TestTimedOut, std::nullopt, ExitStatus::exited(124), std::nullopt, std::nullopt};
    config.test.timeout = Millis{60'000};
    CHECK(after_end(timed_out, {served({})}) ==
          ended_model + "\nerror: the test ran longer than 1 min (exit status 124)");
    CHECK(log.annotations == std::vector<std::string>{"the test ran longer than 1 min"});
}

TEST_CASE_FIXTURE(Fixture, "nothing is called ended or free where that is not so") {
    const auto failed = [](Failure why) {
        return Outcome{why, std::nullopt, ExitStatus::exited(125), std::nullopt, std::nullopt};
    };
    CHECK(after_end(failed(Failure::NotCleaned), {served({})}) ==
          "error: not everything could be ended (exit status 125)");
    CHECK(after_end(failed(Failure::PortBusy), {{.config = config.servers[0]}}, 0) ==
          "error: nothing was started: port 8080 is busy (exit status 125)");
}

TEST_CASE_FIXTURE(Fixture, "what a failed server wrote last is shown, where we have it") {
    struct Row {
        Output output;
        std::string said;
    };
    const Row rows[] = {
        {{OutputMode::Capture, ""},
         "\nerror: model: what it printed:\nerror: model| loading\nerror: model| out of memory"},
        {{OutputMode::File, "server.log"}, "\nerror: model: its output is in server.log"},
        {{OutputMode::Inherit, ""}, ""},
        {{OutputMode::Discard, ""}, ""},
    };
    for (const Row& row : rows) {
        config.servers[0].output = row.output;
        CHECK(after_end(died, {served({"loading", "out of memory"})}) == ended_model + row.said + "\n" + why_died);
    }
    config.servers[0].output = {};
    CHECK(after_end(died, {served({})}) == ended_model + "\nerror: model: it printed nothing\n" + why_died);
    ServerView reused = served({"loading"});
    reused.was_started = false;
    CHECK(after_end(died, {reused}) == "info: ended 2 processes in 40 ms, port 8080 is free\n" + why_died);
}

TEST_CASE_FIXTURE(Fixture, "a failure to get ready names the last answer") {
    ServerView loading = served({});
    loading.probe->impostor = "pid 7 (nginx), user lena";
    config.servers[0].output.mode = OutputMode::Discard;
    Outcome outcome{Failure::ServerNotReady, ServerId{0}, ExitStatus::exited(125), std::nullopt, std::nullopt};
    config.servers[0].ready.timeout = Millis{5'000};
    CHECK(after_end(outcome, {loading}) ==
          ended_model +
              "\nerror: server 'model' was not ready within 5 s (http://127.0.0.1:8080/health, last answer: HTTP "
              "503), the test was not run (exit status 125)");
    outcome.failure = Failure::ServerNotOurs;
    CHECK(after_end(outcome, {loading}) ==
          ended_model +
              "\nerror: server 'model' is not the one that listens on its port: that is pid 7 "
              "(nginx), user lena; the test was not run (exit status 125)");
    // What it wrote before it lost its port is beside the point.
    outcome.failure = Failure::ServerNotStarted;
    config.servers[0].output.mode = OutputMode::Capture;
    CHECK(after_end(outcome, {served({"listening on 4001"})}) ==
          ended_model + "\nerror: server 'model' could not be started: ; the test was not run (exit status 125)");
}

TEST_CASE_FIXTURE(Fixture, "when the test fails, what the servers printed is shown, too; not when it was told to end") {
    const auto failed = ExitStatus::exited(3);
    Outcome outcome{Failure::None, std::nullopt, failed, failed, std::nullopt};
    CHECK(after_end(outcome, {served({"bad request"})}) ==
          ended_model + "\ninfo: model: what it printed:\ninfo: model| bad request");
    log.folds = true;
    CHECK(after_end(outcome, {served({"bad request"})}) ==
          ended_model + "\ngroup: model: what it printed:\ninfo: model| bad request\nend of group");
    CHECK(after_end(outcome, {served({})}) == ended_model + "\ninfo: model: it printed nothing");
    outcome.ended_by = sigterm;
    CHECK(after_end(outcome, {served({"bad request"})}) == ended_model);
    CHECK(after_end(passed, {served({"fine"})}) == ended_model);
    Outcome doubtful = passed;
    doubtful.ended_by = sigterm;
    CHECK(after_end(doubtful, {}, 0) == "warning: ended by SIGTERM, but the test says 0");
}

TEST_CASE("a log keeps warnings and errors for a report, also those that it does not show") {
    FakeLog log(LogLevel::Off);
    log.warn("too early");
    CHECK_FALSE(log.says(LogLevel::Warning));
    log.keep({"before"});
    log.info("no warning");
    log.warn("one ", 1);
    log.show(LogLevel::Error, "what a server wrote");
    log.error("two");
    CHECK(log.says(LogLevel::Error));
    CHECK_FALSE(log.says(LogLevel::Info));
    CHECK(log.take().empty());
    REQUIRE(log.told().size() == 3);
    CHECK(log.told()[0].text == "before");
    CHECK(log.told()[1].text == "one 1");
    CHECK(log.told()[1].level == LogLevel::Warning);
    CHECK(log.told()[2].text == "two");
    CHECK(log.told()[2].level == LogLevel::Error);
    for (int i = 0; i < 2'000; ++i) {
        log.warn("many");
    }
    CHECK(log.told().size() == 1'000);
}
