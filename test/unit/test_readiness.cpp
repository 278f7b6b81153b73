// When a server counts as ready: how often it is asked, and whose answer is believed.
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

    Readiness& by_tcp = probe_of(TcpProbe{"127.0.0.1:{port}"});
    CHECK(by_tcp.target() == "127.0.0.1:8080");
    by_tcp.start();
    CHECK(target.port == Port{8080});
    CHECK_FALSE(target.http_path.has_value());

    Readiness& by_command = probe_of(ExecProbe{{"is ready", "{port}"}});
    CHECK(by_command.target() == "'is ready' 8080");
    by_command.start();
    CHECK(command == std::vector<std::string>{"is ready", "8080"});
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

TEST_CASE_FIXTURE(Asker, "it remembers what it was answered") {
    Readiness& probe = http();
    probe.start();
    refuse();
    clock.advance(Millis{5});
    answer(ProbeResult::NotReady, "HTTP 503");
    clock.advance(Millis{5});
    answer(ProbeResult::NotReady, "HTTP 503");
    CHECK(probe.last_answer() == "HTTP 503");
    const auto& history = probe.history().entries();
    REQUIRE(history.size() == 2);
    CHECK(history[0].answer == "connection refused");
    CHECK(history[0].at == Millis{0});
    CHECK(history[1].answer == "HTTP 503");
    CHECK(history[1].at == Millis{5});
    CHECK(history[1].times == 2);
}

TEST_CASE_FIXTURE(Asker, "a positive answer of the server, or of an owner that cannot be seen, is ready, once") {
    for (const auto kind : {ListenerOwner::Kind::Ours, ListenerOwner::Kind::Unknown}) {
        ready = asked = 0;
        looked_up.clear();
        owner = {kind, {}};
        Readiness& probe = http();
        probe.start();
        accept();
        CHECK(ready == 1);
        CHECK_FALSE(probe.running());
        CHECK(open == 0);
        CHECK(probe.impostor().empty());
        REQUIRE(looked_up.size() == 1);
        CHECK(looked_up[0].address == Address::loopback(IpVersion::V4));
        CHECK(looked_up[0].port == Port{8080});
        clock.advance(Millis{600'000});
        CHECK(asked == 1);
        CHECK(ready == 1);
    }
}

TEST_CASE_FIXTURE(Asker, "nobody is looked up for an answer that is none") {
    http().start();
    refuse();
    CHECK(looked_up.empty());
    CHECK(ready == 0);
}

TEST_CASE_FIXTURE(Asker, "a stranger's answer is not ready, and is told of when it is no accident any more") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    Readiness& probe = http();
    probe.start();
    for (int i = 1; i < convincing_foreign_answers; ++i) {
        accept();
        CHECK(impersonated == 0);
        clock.advance(Millis{5});
    }
    REQUIRE(asked == convincing_foreign_answers);
    accept();
    CHECK(impersonated == 1);
    CHECK(probe.impostor() == "pid 7 (nginx), user lena");
    CHECK(ready == 0);
}

TEST_CASE_FIXTURE(Asker, "a server that is asked again after a stranger's answer is still believed") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    http().start();
    accept();
    clock.advance(Millis{5});
    owner = {ListenerOwner::Kind::Ours, {}};
    accept();
    CHECK(ready == 1);
    CHECK(impersonated == 0);
}

TEST_CASE_FIXTURE(Asker, "it asks no more when the run gives up because of a stranger") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    Readiness& probe = http();
    when_impersonated = [&] { probe.stop(); };
    probe.start();
    for (int i = 0; i < convincing_foreign_answers; ++i) {
        accept();
        clock.advance(Millis{5});
    }
    CHECK(impersonated == 1);
    clock.advance(Millis{10'000});
    CHECK(asked == convincing_foreign_answers);
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
    first({ProbeResult::Ready, Address::loopback(IpVersion::V4), "HTTP 200"});  // it took its time
    CHECK(ready == 1);
    CHECK(open == 0);
}

TEST_CASE_FIXTURE(Asker, "what answers over HTTP is asked ten times a second at most") {
    Readiness& probe = http();
    probe.start();
    refuse();
    clock.advance(Millis{5});
    CHECK(asked == 2);
    const auto unavailable = [&] {
        const auto to = reply;
        to({ProbeResult::NotReady, Address::loopback(IpVersion::V4), "HTTP 503", true});
    };
    unavailable();
    clock.advance(Millis{99});
    CHECK(asked == 2);
    clock.advance(Millis{1});
    CHECK(asked == 3);
    refuse();  // it is started anew: it has a log all the same
    clock.advance(Millis{99});
    CHECK(asked == 3);
    CHECK(next_probe_delay(Millis{0}, Logs::Yes) == Millis{100});
    CHECK(next_probe_delay(Millis{7'500}, Logs::Yes) == Millis{150});
    CHECK(next_probe_delay(Millis{600'000}, Logs::Yes) == Millis{250});
}

TEST_CASE_FIXTURE(Asker, "who has answered and listens no more is asked again; a command may know of another port") {
    owner = {ListenerOwner::Kind::Nobody};
    http().start();
    accept();
    CHECK(ready == 0);
    CHECK(impersonated == 0);
    Readiness& by_command = probe_of(ExecProbe{{"true"}});
    by_command.start();
    by_command.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "a stranger beside the server is known as one") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena on [::1]:8080", true};
    Readiness& probe = http();
    probe.start();
    accept();
    CHECK(probe.is_beside_ours());
}
