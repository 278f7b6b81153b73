// What is shown while servers are waited for.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "fake_log.hpp"
#include "fake_terminal.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/waiting_line.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// Two servers that are waited for, on a terminal.
struct Fixture {
    Config config;
    FakeTerminal terminal;
    JobControl job{terminal};
    FakeClock clock;
    FakeLog log;
    Millis started = clock.now();
    bool second_runs = false;
    std::string end;  // what the end waits for, if that is what is waited for
    WaitingLine line{config, job, clock, log,
                     [this] { return end.empty() ? waiting_for_servers(unready()) : ended(); }};

    Fixture() {
        config.servers.resize(2);
        config.servers[0].name = "model";
        config.servers[1].name = "proxy";
        config.test.command = {"test"};
        log.on_terminal = true;
    }

    std::vector<UnreadyServer> unready() const {
        const Millis waited = clock.now() - started;
        std::vector<UnreadyServer> servers{{"model", "http://127.0.0.1:8080/health", "HTTP 503", waited}};
        if (second_runs) {
            servers.push_back({"proxy", "127.0.0.1:9000", "connection refused", waited});
        }
        return servers;
    }
    WaitingText ended() const {
        const std::string fate = ": killed in " + std::to_string((30'000 - (clock.now() - started).count()) / 1'000);
        return end == "nothing" ? WaitingText{} : WaitingText{end + fate + ", ^C kills", end + fate, {end + fate}};
    }
    /// What is logged in this time.
    std::string after(Millis time) {
        clock.advance(time);
        return log.take();
    }
};

const std::string plain_10 = "info: model: not ready after 10 s (http://127.0.0.1:8080/health), last answer: HTTP 503";
const std::string plain_20 = "info: model: not ready after 20 s (http://127.0.0.1:8080/health), last answer: HTTP 503";
constexpr Pgid shells_group{40};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "on a terminal one line is drawn ten times a second") {
    line.start();
    CHECK(log.live_line.empty());  // a server that is ready at once needs none
    CHECK(after(live_line_every) == "");
    CHECK(log.live_line == "model 0.1 s: HTTP 503 (http://127.0.0.1:8080/health)");
    CHECK(log.shorter_live_line == "model 0.1 s: HTTP 503");
    after(live_line_every);
    CHECK(log.shorter_live_line == "model 0.2 s: HTTP 503");
    CHECK(after(Millis{30'000}) == "");
    CHECK(log.shorter_live_line == "model 30.2 s: HTTP 503");
    after(Millis{34'000});
    CHECK(log.shorter_live_line == "model 1 min 4 s: HTTP 503");
}

TEST_CASE_FIXTURE(Fixture, "all servers that are waited for are in the line") {
    second_runs = true;
    line.start();
    after(live_line_every);
    CHECK(log.live_line ==
          "model 0.1 s: HTTP 503 (http://127.0.0.1:8080/health) | proxy 0.1 s: connection refused (127.0.0.1:9000)");
    CHECK(log.shorter_live_line == "model 0.1 s: HTTP 503 | proxy 0.1 s: connection refused");
}

TEST_CASE_FIXTURE(Fixture, "elsewhere a line is logged every ten seconds") {
    log.on_terminal = false;
    second_runs = true;
    line.start();
    CHECK(after(plain_line_every - Millis{1}) == "");
    const std::string both = after(Millis{1});
    CHECK(both == plain_10 + "\ninfo: proxy: not ready after 10 s (127.0.0.1:9000), last answer: connection refused");
    second_runs = false;
    CHECK(after(plain_line_every) == plain_20);
    CHECK(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "the end is waited for as a start is: one line that counts, elsewhere one every ten seconds") {
    end = "model";
    line.start(test_hint);
    CHECK(after(live_line_every) == "");
    CHECK(log.live_line == "model: killed in 29, ^C kills");
    CHECK(log.shorter_live_line == "model: killed in 29");
    CHECK(after(Millis{20'000}) == "");
    CHECK(log.live_line == "model: killed in 9, ^C kills");
    line.stop();
    CHECK(log.live_line.empty());

    log.on_terminal = false;
    started = clock.now();
    line.start(test_hint);
    CHECK(after(plain_line_every - Millis{1}) == "");
    CHECK(after(Millis{1}) == "info: model: killed in 20");
    CHECK(after(plain_line_every) == "info: model: killed in 10");
    CHECK(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture, "what is not waited for any more is not in the line") {
    end = "model";
    line.start(test_hint);
    after(live_line_every);
    end = "nothing";
    CHECK(after(live_line_every) == "");
    CHECK(log.live_line.empty());
    CHECK(after(Millis{20'000}) == "");
}

TEST_CASE_FIXTURE(Fixture,
                  "where a server writes to the terminal itself, the end is logged once, a moment after it began") {
    config.servers.resize(1);
    config.servers[0].output.mode = OutputMode::Inherit;
    end = "nothing";
    line.start(test_hint);
    CHECK(after(test_hint + live_line_every) == "");
    end = "model";
    CHECK(after(live_line_every) == "info: model: killed in 28, ^C kills");
    CHECK(after(plain_line_every - Millis{1'300}) == "");
    CHECK(after(live_line_every) == "info: model: killed in 20");
    CHECK(log.live_line.empty());

    terminal.front = shells_group;
    line.stop();
    line.start(test_hint);
    CHECK(after(plain_line_every - Millis{1}) == "");
}

TEST_CASE_FIXTURE(Fixture, "where a server writes to the terminal itself, no line is drawn") {
    config.servers.resize(1);
    config.servers[0].output.mode = OutputMode::Inherit;
    line.start();
    CHECK(after(plain_line_every) == plain_10);
    CHECK(after(plain_line_every) == plain_20);
    CHECK(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture, "what is shown by lines erases the line, which is drawn again") {
    config.servers[1].output.mode = OutputMode::Inherit;
    line.start();
    after(live_line_every);
    CHECK_FALSE(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture, "in the background nothing is drawn into the shell's line") {
    line.start();
    after(live_line_every);
    CHECK_FALSE(log.live_line.empty());
    terminal.front = shells_group;
    CHECK(after(live_line_every) == "");
    CHECK(log.live_line.empty());
    CHECK(after(plain_line_every - 2 * live_line_every) == plain_10);

    terminal.front = our_group;
    CHECK(after(live_line_every) == "");
    CHECK(log.shorter_live_line == "model 10.1 s: HTTP 503");
}

TEST_CASE_FIXTURE(Fixture, "when they are ready the line is erased, and nothing is logged any more") {
    line.start();
    after(live_line_every);
    line.stop();
    CHECK(log.live_line.empty());
    CHECK(after(Millis{60'000}) == "");
    CHECK(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture, "a second server that is started does not put the line off") {
    log.on_terminal = false;
    line.start();
    after(Millis{6'000});
    line.start();
    CHECK(after(Millis{4'000}) == plain_10);
}

TEST_CASE_FIXTURE(Fixture, "the line of a stopped job is erased") {
    line.start();
    after(live_line_every);
    line.pause();
    CHECK(log.live_line.empty());
    after(Millis{60'000});
    CHECK(log.live_line.empty());
    line.resume();
    after(live_line_every);
    CHECK_FALSE(log.live_line.empty());
}

TEST_CASE_FIXTURE(Fixture, "a pause brings back no line that was not there, or was stopped in it") {
    line.pause();
    line.resume();
    after(live_line_every);
    CHECK(log.live_line.empty());

    line.start();
    line.pause();
    line.stop();
    line.resume();
    after(live_line_every);
    CHECK(log.live_line.empty());
}
