// When a server counts as ready: how often it is asked, and whose answer is believed.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/readiness.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// One question that may still be answered.
struct FakeProbe final : Probe {
    explicit FakeProbe(int& its_count) : open(its_count) { ++open; }
    ~FakeProbe() override { --open; }
    int& open;
};

struct Fixture {
    FakeClock clock;
    ServerConfig server;
    std::unique_ptr<Readiness> readiness;

    int asked = 0;  // over the network or by a command
    int open = 0;
    NetTarget target;
    std::function<void(const NetAnswer&)> reply;
    Readiness::Started starts = Readiness::Started::Yes;
    std::vector<std::string> command;

    ListenerOwner owner{ListenerOwner::Kind::Ours, {}};
    std::vector<ReadyAnswer> looked_up;
    int ready = 0;
    int impersonated = 0;
    std::function<void()> when_impersonated = [] {};

    Readiness& probe_of(decltype(Ready::probe) probe) {
        server.ready.probe = std::move(probe);
        Readiness::Hooks hooks;
        hooks.ask_network = [this](const NetTarget& where, std::function<void(const NetAnswer&)> answered) {
            ++asked;
            target = where;
            reply = std::move(answered);
            return std::make_unique<FakeProbe>(open);
        };
        hooks.run_command = [this](const std::vector<std::string>& what) {
            ++asked;
            command = what;
            return starts;
        };
        hooks.owner_of = [this](const ReadyAnswer& answer) {
            looked_up.push_back(answer);
            return owner;
        };
        hooks.ready = [this] { ++ready; };
        hooks.impersonated = [this] {
            ++impersonated;
            when_impersonated();
        };
        readiness = std::make_unique<Readiness>(clock, server, Port{8080}, std::move(hooks));
        return *readiness;
    }
    Readiness& http() { return probe_of(HttpProbe{"http://127.0.0.1:{port}/health"}); }

    void answer(ProbeResult result, const std::string& detail) {
        const auto to = reply;  // the answer may end the probe
        to({result, Address::loopback(IpVersion::V4), detail});
    }
    void refuse() { answer(ProbeResult::NotReady, "connection refused"); }
    void accept() { answer(ProbeResult::Ready, "HTTP 200"); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "it asks where the configuration says, with the port's number in it") {
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

TEST_CASE_FIXTURE(Fixture, "it asks at once, and again after the pause of the schedule") {
    Readiness& probe = http();
    CHECK_FALSE(probe.running());
    probe.start();
    CHECK(probe.running());
    CHECK(asked == 1);
    clock.advance(Millis{10'000});
    CHECK(asked == 1);  // an answer may take its time

    refuse();
    const Millis pause = next_probe_delay(Millis{10'000});
    REQUIRE(pause == Millis{200});
    clock.advance(pause - Millis{1});
    CHECK(asked == 1);
    clock.advance(Millis{1});
    CHECK(asked == 2);
    CHECK(probe.waited() == Millis{10'200});
}

TEST_CASE_FIXTURE(Fixture, "it remembers what it was answered") {
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

TEST_CASE_FIXTURE(Fixture, "a positive answer of the server, or of an owner that cannot be seen, is ready, once") {
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

TEST_CASE_FIXTURE(Fixture, "nobody is looked up for an answer that is none") {
    http().start();
    refuse();
    CHECK(looked_up.empty());
    CHECK(ready == 0);
}

TEST_CASE_FIXTURE(Fixture, "a stranger's answer is not ready, and is told of when it is no accident any more") {
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

TEST_CASE_FIXTURE(Fixture, "a server that is asked again after a stranger's answer is still believed") {
    owner = {ListenerOwner::Kind::Foreign, "pid 7 (nginx), user lena"};
    http().start();
    accept();
    clock.advance(Millis{5});
    owner = {ListenerOwner::Kind::Ours, {}};
    accept();
    CHECK(ready == 1);
    CHECK(impersonated == 0);
}

TEST_CASE_FIXTURE(Fixture, "it asks no more when the run gives up because of a stranger") {
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

TEST_CASE_FIXTURE(Fixture, "a probe that was stopped asks nobody and waits for no answer") {
    Readiness& probe = http();
    probe.start();
    CHECK(open == 1);
    probe.stop();
    CHECK(open == 0);

    probe.start();
    refuse();
    probe.stop();
    clock.advance(Millis{10'000});
    CHECK(asked == 2);
}

TEST_CASE_FIXTURE(Fixture, "a probe that is paused asks nobody, and its time does not count") {
    Readiness& probe = http();
    probe.start();
    clock.advance(Millis{100});
    refuse();
    probe.pause();
    CHECK_FALSE(probe.running());
    clock.advance(Millis{60'000});
    CHECK(asked == 1);

    probe.resume();
    CHECK(probe.running());
    CHECK(probe.waited() == Millis{100});
    clock.advance(Millis{0});
    CHECK(asked == 2);
    refuse();
    clock.advance(Millis{5});
    CHECK(asked == 3);  // with the pauses of a server that was waited for 0.1 s
}

TEST_CASE_FIXTURE(Fixture, "a question that was on its way when the job was stopped is asked anew") {
    Readiness& probe = http();
    probe.start();
    probe.pause();
    CHECK(open == 0);
    probe.resume();
    clock.advance(Millis{0});
    CHECK(open == 1);
    accept();
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Fixture, "only what ran before a pause goes on after it") {
    Readiness& probe = http();
    probe.pause();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK(asked == 0);

    probe.start();
    accept();
    probe.pause();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK(asked == 1);
}

// ^Z, then SIGTERM: the run ends its probes first, and then the pause.
TEST_CASE_FIXTURE(Fixture, "a probe that is stopped during a pause does not go on after it") {
    Readiness& probe = http();
    probe.start();
    probe.pause();
    probe.stop();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK_FALSE(probe.running());
    CHECK(asked == 1);
}

TEST_CASE_FIXTURE(Fixture, "a command is ready when it exits with 0") {
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    CHECK(asked == 1);
    probe.command_ended(ExitStatus::exited(1));
    CHECK(probe.last_answer() == "the probe command exited with 1");
    probe.command_ended(ExitStatus::signaled(Signal{9}));
    CHECK(probe.last_answer() == "the probe command was killed by SIGKILL");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
    // It names no address: any listener on the server's port may have been asked.
    REQUIRE(looked_up.size() == 1);
    CHECK_FALSE(looked_up[0].address.has_value());
    CHECK(looked_up[0].port == Port{8080});
}

TEST_CASE_FIXTURE(Fixture, "a command that cannot be started is tried again") {
    starts = Readiness::Started::No;
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    CHECK(probe.last_answer() == "the probe command could not be started");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
}

TEST_CASE_FIXTURE(Fixture, "a command that ends after its probe was stopped means nothing any more") {
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    probe.stop();
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 0);
    CHECK(probe.last_answer() == "nothing yet");
    clock.advance(Millis{1'000});
    CHECK(asked == 1);
}
