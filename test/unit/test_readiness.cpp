// When a server counts as ready: what is asked, in which order and how often, and whose answer is believed.
#include <doctest/doctest.h>

#include "fake_asker.hpp"
#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

TEST_CASE_FIXTURE(Asker, "it asks where the configuration says, with the port's number in it") {
    Readiness& by_http = http();
    CHECK(by_http.target() == "http://127.0.0.1:8080/health");
    CHECK(by_http.last_answer() == "nothing yet");
    by_http.start();
    CHECK(target.port == Port{8080});
    CHECK(target.http_path == "/health");
    CHECK(target.host.addresses == std::vector{Address::loopback(IpVersion::V4)});

    Readiness& by_command = exec({"is ready", "{port}"});
    CHECK(by_command.target() == "'is ready' 8080");
    by_command.start();
    CHECK(command.words == std::vector<std::string>{"is ready", "8080"});
    CHECK(command.kind == ProbeCommand::Kind::Exec);

    Ready when;
    when.unix_socket = "run/{port}.sock";
    Readiness& by_socket = probe_of(when);
    CHECK(by_socket.target() == "run/8080.sock");
    by_socket.start();
    CHECK(socket_path == "run/8080.sock");

    when.log = "on {port}";
    CHECK(probe_of(when).target() == "log \"on 8080\", run/8080.sock");
}

TEST_CASE_FIXTURE(Asker, "it asks at once, and again after the pause of the schedule") {
    Readiness& probe = http();
    CHECK_FALSE(probe.running());
    probe.start();
    CHECK(probe.running());
    CHECK(asked == 1);
    clock.advance(Millis{4'000});
    CHECK(asked == 1);  // an answer may take its time

    refuse();
    const Millis pause = next_probe_delay(Millis{4'000}, Logs::No);
    REQUIRE(pause == Millis{80});
    clock.advance(pause - Millis{1});
    CHECK(asked == 1);
    clock.advance(Millis{1});
    CHECK(asked == 2);
    CHECK(probe.waited() == Millis{4'080});
}

TEST_CASE_FIXTURE(Asker, "it keeps the answers") {
    Readiness& probe = http();
    probe.start();
    refuse();
    clock.advance(Millis{5});
    http_status(503);
    clock.advance(Millis{100});
    http_status(503);
    CHECK(probe.last_answer() == "HTTP 503");
    const auto& history = probe.history().entries();
    REQUIRE(history.size() == 3);
    CHECK(history[0].answer == "listens");
    CHECK(history[1].answer == "connection refused");
    CHECK(history[1].at == Millis{0});
    CHECK(history[2].answer == "HTTP 503");
    CHECK(history[2].at == Millis{5});
    CHECK(history[2].times == 2);
}

TEST_CASE_FIXTURE(Asker,
                  "it is ready, once, when it answers and it, or one that cannot be seen, is the only listener") {
    for (const auto kind : {ListenerOwner::Kind::Ours, ListenerOwner::Kind::Unknown}) {
        ready = asked = 0;
        looked_up.clear();
        owner = {kind, {}};
        Readiness& probe = http();
        probe.start();
        CHECK(looked_up.size() == 1);  // before the server is asked
        accept();
        CHECK(ready == 1);
        CHECK_FALSE(probe.running());
        CHECK(open == 0);
        CHECK(probe.impostor().empty());
        REQUIRE(looked_up.size() == 2);  // and after the answer, which may have been another process's
        CHECK_FALSE(looked_up[1].address.has_value());
        CHECK(looked_up[1].port == Port{8080});
        clock.advance(Millis{600'000});
        CHECK(asked == 1);
        CHECK(ready == 1);
    }
}

TEST_CASE_FIXTURE(Asker, "no question is asked before the server listens") {
    owner = {ListenerOwner::Kind::None};
    Readiness& probe = http();
    probe.start();
    clock.advance(Millis{1'000});
    CHECK(asked == 0);
    CHECK(probe.last_answer() == "no process listens on port 8080");
    owner = {ListenerOwner::Kind::Ours};
    clock.advance(Millis{50});
    CHECK(asked == 1);
    CHECK(probe.last_answer() == "listens");
}

TEST_CASE_FIXTURE(Asker, "a foreign listener is not asked, and is reported when it is found several times") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    Readiness& probe = http();
    probe.start();
    for (int i = 1; i < convincing_foreign_answers; ++i) {
        CHECK(impersonated == 0);
        clock.advance(Millis{5});
    }
    CHECK(asked == 0);
    CHECK(impersonated == 1);
    CHECK(probe.impostor() == "pid 7 (nginx), user lena");
    CHECK(ready == 0);
}

TEST_CASE_FIXTURE(Asker,
                  "the answer may be that of a foreign process: the listener is looked at again, and asked again") {
    http().start();
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    accept();
    CHECK(ready == 0);
    owner = {ListenerOwner::Kind::Ours, {}};
    clock.advance(Millis{100});
    CHECK(asked == 2);
    accept();
    CHECK(ready == 1);
    CHECK(impersonated == 0);
}

TEST_CASE_FIXTURE(Asker, "it does not look any more when the run gives up because of a foreign listener") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    Readiness& probe = http();
    when_impersonated = [&] { probe.stop(); };
    probe.start();
    clock.advance(Millis{10'000});
    CHECK(impersonated == 1);
    CHECK(looked_up.size() == convincing_foreign_answers);
}

TEST_CASE_FIXTURE(Asker, "beside a question that is not answered another one is asked after 5 s, three at most") {
    Readiness& probe = http();
    probe.start();
    const auto first = reply;
    clock.advance(probe_silence - Millis{1});
    CHECK(asked == 1);
    clock.advance(Millis{1});
    CHECK(asked == 2);
    clock.advance(Millis{600'000});
    CHECK(asked == 3);
    CHECK(open == 3);

    refuse();  // the last one
    CHECK(open == 2);
    clock.advance(Millis{600'000});
    CHECK(asked == 4);
    first({ProbeResult::Ready, "HTTP 200", 200});  // it took its time
    CHECK(ready == 1);
    CHECK(open == 0);
}

TEST_CASE_FIXTURE(Asker, "a late answer counts between two rounds") {
    http().start();
    const auto first = reply;
    clock.advance(probe_silence);
    refuse();
    CHECK(open == 1);
    first({ProbeResult::Ready, "HTTP 200", 200});
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "a server that answers over HTTP is asked ten times a second at most") {
    Readiness& probe = http();
    probe.start();
    refuse();
    clock.advance(Millis{5});
    CHECK(asked == 2);
    http_status(503);
    clock.advance(Millis{99});
    CHECK(asked == 2);
    clock.advance(Millis{1});
    CHECK(asked == 3);
    refuse();  // it was started again: it still has a log
    clock.advance(Millis{99});
    CHECK(asked == 3);
    CHECK(next_probe_delay(Millis{0}, Logs::Yes) == Millis{100});
    CHECK(next_probe_delay(Millis{7'500}, Logs::Yes) == Millis{150});
    CHECK(next_probe_delay(Millis{600'000}, Logs::Yes) == Millis{250});
}

TEST_CASE_FIXTURE(Asker, "a command that says yes while no process listens is not believed") {
    owner = {ListenerOwner::Kind::None};
    Readiness& probe = exec({"true"});
    probe.start();
    CHECK(asked == 0);
    owner = {ListenerOwner::Kind::Ours};
    clock.advance(Millis{5});
    CHECK(asked == 1);
    owner = {ListenerOwner::Kind::None};
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 0);
}

TEST_CASE_FIXTURE(Asker, "a foreign listener beside the server is recognised as one") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena on [::1]:8080", true};
    Readiness& probe = http();
    probe.start();
    clock.advance(Millis{100});
    CHECK(probe.is_beside_ours());
}

TEST_CASE_FIXTURE(Asker, "without a probe, and with tcp, the kernel's list decides: no connection is made") {
    Readiness& silent = probe_of({});
    CHECK(silent.target() == "port 8080");
    silent.start();
    CHECK(ready == 1);
    CHECK(asked == 0);
    REQUIRE(looked_up.size() == 1);
    CHECK_FALSE(looked_up[0].address.has_value());

    looked_up.clear();
    Readiness& by_tcp = tcp("[::1]:{port}");
    CHECK(by_tcp.target() == "[::1]:8080");
    by_tcp.start();
    CHECK(ready == 2);
    REQUIRE(looked_up.size() == 1);
    CHECK(looked_up[0].address == Address::loopback(IpVersion::V6));
}

TEST_CASE_FIXTURE(Asker, "where the list cannot be read a connection decides") {
    owner = {ListenerOwner::Kind::NoTable};
    probe_of({}).start();
    CHECK(asked == 1);
    CHECK_FALSE(target.http_path.has_value());
    refuse();
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
    answer({ProbeResult::Ready, "connected"});
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "a server that is not ours is asked, and its listener is not looked at") {
    whose = Whose::NotOurs;
    Readiness& by_default = probe_of({});
    CHECK(by_default.target() == "localhost:8080");
    by_default.start();
    CHECK(asked == 1);
    answer({ProbeResult::Ready, "connected"});
    CHECK(ready == 1);
    http().start();
    accept();
    CHECK(ready == 2);
    CHECK(looked_up.empty());
}

TEST_CASE_FIXTURE(Asker, "of a server without a port no listener is looked at") {
    port.reset();
    Ready when;
    when.unix_socket = "x.sock";
    unix_problem = "x.sock: no such file";
    Readiness& probe = probe_of(when);
    probe.start();
    CHECK(probe.last_answer() == "x.sock: no such file");
    unix_problem.clear();
    clock.advance(Millis{5});
    CHECK(ready == 1);
    CHECK(looked_up.empty());
}

TEST_CASE_FIXTURE(Asker, "a server that nothing says anything of is never ready") {
    port.reset();
    for (const Whose its : {Whose::Ours, Whose::NotOurs}) {
        whose = its;
        Readiness& probe = probe_of({});
        CHECK(probe.target() == "nothing");
        probe.start();
        clock.advance(Millis{600'000});
        CHECK(probe.last_answer() == "no check says when it is ready");
        CHECK(ready == 0);
    }
}

TEST_CASE_FIXTURE(Asker, "all that is given must hold, what costs nothing first") {
    Ready when;
    when.log = "listening";
    when.http = "http://127.0.0.1:{port}/";
    when.unix_socket = "x.sock";
    when.exec = {"check"};
    log_problem = "no line of its output matches";
    unix_problem = "x.sock: connection refused";
    Readiness& probe = probe_of(when);
    CHECK(probe.target() == "log \"listening\", http://127.0.0.1:8080/, x.sock, check");
    probe.start();
    CHECK(probe.last_answer() == log_problem);
    CHECK(looked_up.empty());
    log_problem.clear();
    clock.advance(Millis{5});
    CHECK(asked == 1);
    accept();
    CHECK(probe.last_answer() == unix_problem);
    unix_problem.clear();
    clock.advance(Millis{100});
    CHECK(asked == 2);
    accept();
    CHECK(asked == 3);  // the command
    probe.command_ended(ExitStatus::exited(1));
    CHECK(ready == 0);
    clock.advance(Millis{100});
    accept();
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "the statuses that count as ready are the configuration's") {
    Ready when;
    when.http = "/";
    when.http = "http://127.0.0.1:{port}/";
    when.status = {{401, 401}, {300, 399}};
    Readiness& probe = probe_of(when);
    probe.start();
    http_status(200);
    CHECK(ready == 0);
    CHECK(probe.unwanted_status() == 200);
    clock.advance(Millis{100});
    http_status(401);
    CHECK(ready == 1);
    CHECK(probe.unwanted_status() == 0);
    probe_of(when).start();
    http_status(302);
    CHECK(ready == 2);
}

TEST_CASE_FIXTURE(Asker, "a status that does not count is known for as long as it is answered") {
    Readiness& probe = http();
    probe.start();
    http_status(503);
    clock.advance(Millis{100});
    http_status(404);
    CHECK(probe.unwanted_for() == Millis{0});
    clock.advance(Millis{100});
    http_status(404);
    CHECK(probe.unwanted_status() == 404);
    CHECK(probe.unwanted_for() == Millis{100});
}

TEST_CASE_FIXTURE(Asker, "every port that is probed has to be the server's, and its own") {
    Ready when;
    when.http = "http://127.0.0.1:3000/";
    probe_of(when).start();
    REQUIRE(looked_up.size() == 2);
    CHECK(looked_up[0].port == Port{8080});
    CHECK(looked_up[1].port == Port{3000});
}
