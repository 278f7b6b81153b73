// The last lines of a run, in words.
#include <doctest/doctest.h>

#include "vlmshim/core/report/outcome_text.hpp"

using namespace vlmshim;

namespace {

/// A test with one server.
Config tested() {
    Config config;
    config.servers.resize(1);
    config.servers[0].name = "model";
    config.servers[0].ready.timeout = Millis{90'000};
    config.test.command = {"run", "my test"};
    config.test.timeout = Millis{60'000};
    return config;
}

Config served() {
    Config config = tested();
    config.test.command.clear();
    return config;
}

const FailedServer loading{"http://127.0.0.1:8080/", "HTTP 503", "pid 7 (nginx), user lena",
                           "'serve': Permission denied", std::nullopt};
const FailedServer was_ready{"http://127.0.0.1:8080/", "HTTP 200", "", "", ExitStatus::exited(1)};
const FailedServer was_ended{"http://127.0.0.1:8080/", "HTTP 200", "", "", ExitStatus::signaled(Signal{15})};
const FailedServer was_ended_by_shell{"http://127.0.0.1:8080/", "HTTP 200", "", "", ExitStatus::exited(143)};
const FailedServer was_killed{"http://127.0.0.1:8080/", "HTTP 200", "", "", ExitStatus::signaled(Signal{9})};

}  // namespace

TEST_CASE("why a run failed") {
    struct Row {
        Failure failure;
        const char* why;
    };
    const Row rows[] = {
        {Failure::None, ""},
        {Failure::Interrupted, "interrupted: the test was not run"},
        {Failure::KeeperLost, ""},
        {Failure::PortBusy, "nothing was started: port 8080 is busy"},
        {Failure::ServerNotStarted,
         "server 'model' could not be started: 'serve': Permission denied; the test was not run"},
        {Failure::ServerDied, "server 'model' died before it was ready, the test was not run"},
        {Failure::ServerNotReady,
         "server 'model' was not ready within 1 min 30 s (http://127.0.0.1:8080/, last answer: HTTP 503), the test was "
         "not run"},
        {Failure::ServerNotOurs,
         "server 'model' is not the one that listens on its port: that is pid 7 (nginx), user lena; the "
         "test was not run"},
        {Failure::TestNotStarted, "test command 'run 'my test'' could not be started: No such file or directory"},
        {Failure::TestTimedOut, "the test ran longer than 1 min"},
        {Failure::Leftovers, "the test left processes behind (leftovers = \"fail\")"},
        {Failure::NotCleaned, "not everything could be ended"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Outcome outcome{row.failure, ServerId{0}, ExitStatus::exited(125), std::nullopt, std::nullopt};
        outcome.server_end = ServerEnd::BeforeReady;
        const Circumstances known{loading, "port 8080 is busy", "No such file or directory"};
        CHECK(why_it_failed(outcome, tested(), known).value_or("") == row.why);
    }
}

TEST_CASE("when a server died") {
    struct Row {
        Config config;
        FailedServer server;
        ServerEnd end;
        const char* why;
    };
    const Row rows[] = {
        {tested(), loading, ServerEnd::BeforeReady, "server 'model' died before it was ready, the test was not run"},
        {tested(), was_ready, ServerEnd::BeforeTest,
         "server 'model' died while others were not ready yet, the test was not run"},
        {tested(), was_ready, ServerEnd::UnderTest, "server 'model' died while the test was running"},
        {tested(), was_killed, ServerEnd::UnderTest,
         "server 'model' died while the test was running: does the test end it itself (see vlmshim-migrate(7)), or did "
         "memory run out?"},
        {tested(), was_ended, ServerEnd::UnderTest,
         "server 'model' died while the test was running: does the test end it itself (see vlmshim-migrate(7)), or did "
         "another run want its port (busy = \"kill\")?"},
        {tested(), was_ended_by_shell, ServerEnd::UnderTest,
         "server 'model' died while the test was running: does the test end it itself (see vlmshim-migrate(7)), or did "
         "another run want its port (busy = \"kill\")?"},
        {tested(), was_ended, ServerEnd::BeforeTest,
         "server 'model' died while others were not ready yet, the test was not run"},
        {served(), was_ended, ServerEnd::WhileServing,
         "server 'model' died while it was serving: did another run want its port (busy = \"kill\")?"},
        {served(), loading, ServerEnd::BeforeReady, "server 'model' died before it was ready"},
        {served(), was_ready, ServerEnd::WhileServing, "server 'model' died while it was serving"},
    };
    for (const Row& row : rows) {
        Outcome outcome{Failure::ServerDied, ServerId{0}, ExitStatus::exited(125), {}, {}};
        outcome.server_end = row.end;
        CHECK(why_it_failed(outcome, row.config, {.server = row.server}) == row.why);
    }
}

TEST_CASE("a serving run that is interrupted has no test to speak of") {
    const Outcome outcome{Failure::Interrupted, std::nullopt, ExitStatus::signaled(Signal{2}), std::nullopt, Signal{2}};
    CHECK(why_it_failed(outcome, served(), {}) == "interrupted before all servers were ready");
}

TEST_CASE("a success of a test that was ended by a signal is doubtful") {
    const auto passed = ExitStatus::exited(0);
    const auto failed = ExitStatus::exited(1);
    const Signal term{15};
    CHECK(doubtful_success({Failure::None, std::nullopt, passed, passed, term}) ==
          "ended by SIGTERM, but the test says 0");
    CHECK(!doubtful_success({Failure::None, std::nullopt, passed, passed, std::nullopt}));
    CHECK(!doubtful_success({Failure::None, std::nullopt, failed, failed, term}));
    CHECK(!doubtful_success({Failure::NotCleaned, std::nullopt, ExitStatus::exited(125), passed, term}));
    CHECK(!doubtful_success({Failure::None, std::nullopt, passed, std::nullopt, term}));  // serving
}

TEST_CASE("what has ended, how long it took, and which ports are free") {
    struct Row {
        std::vector<std::string> servers;
        std::size_t seen;
        int took;
        std::vector<Port> ports;
        const char* text;
    };
    const Row rows[] = {
        {{"model"}, 3, 340, {Port{8080}}, "ended model (3 processes) in 340 ms, port 8080 is free"},
        {{"model", "proxy"},
         1,
         2'100,
         {Port{8080}, Port{9000}},
         "ended model, proxy (1 process) in 2.1 s, ports 8080, 9000 are free"},
        {{}, 2, 5, {Port{8080}}, "ended 2 processes in 5 ms, port 8080 is free"},
        {{}, 1, 5, {}, "ended 1 process in 5 ms"},
        // ^C has reached the servers as well
        {{"model"}, 0, 5, {Port{8080}}, "model had ended already, port 8080 is free"},
        {{}, 0, 5, {}, "nothing was left to end"},
    };
    for (const Row& row : rows) {
        CHECK(describe_end(row.servers, row.seen, Millis{row.took}, row.ports) == row.text);
    }
}

TEST_CASE("another process that listens beside the server is named") {
    const Outcome outcome{Failure::ServerNotOurs, ServerId{0}, ExitStatus::exited(125), std::nullopt, std::nullopt};
    Circumstances circumstances;
    circumstances.server.impostor = "pid 7 (nginx), user lena on [::1]:8080";
    circumstances.server.impostor_is_beside = true;
    Config config;
    config.servers.emplace_back();
    config.servers[0].name = "model";
    CHECK(why_it_failed(outcome, config, circumstances) ==
          "server 'model' is not the only one on its port: pid 7 (nginx), user lena on [::1]:8080 listens as well; the "
          "test was not run");
}
