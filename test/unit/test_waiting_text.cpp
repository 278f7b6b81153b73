// What the end of a run waits for, in words.
#include <doctest/doctest.h>

#include "vlmshim/core/report/waiting_text.hpp"

using namespace vlmshim;

namespace {

const Millis long_time{60'000};

Ending draining(std::vector<Ending::Server> servers, std::string leftovers = "") {
    Ending ending;
    ending.servers = std::move(servers);
    ending.leftovers = std::move(leftovers);
    ending.leftovers_left = Millis{3'000};
    ending.drain_left = long_time;
    ending.was_signalled = true;
    return ending;
}

std::string live(const Ending& ending) {
    return waiting_for_end(ending).live;
}

}  // namespace

TEST_CASE("what is waited for, and what happens when") {
    const Ending::Server model{"model", Millis{2'000}};
    const Ending::Server proxy{"proxy", Millis{2'000}};
    const Ending::Server slow{"slow", Millis{70'000}};
    const Ending::Server killed{"model", std::nullopt};
    CHECK(live(draining({model})) == "waiting for server model to end: killed in 2 s, ^C kills now");
    CHECK(live(draining({model, proxy})) ==
          "waiting for server model, server proxy to end: killed in 2 s, ^C kills now");
    CHECK(live(draining({}, "pid 7 (sleep 60)")) == "waiting for pid 7 (sleep 60) to end: killed in 3 s, ^C kills now");
    CHECK(live(draining({model}, "3 processes")) ==
          "waiting for server model (killed in 2 s), 3 processes (killed in 3 s) to end, ^C kills now");
    CHECK(live(draining({killed, proxy})) ==
          "waiting for server model (killed, not gone yet), server proxy (killed in 2 s) to end, ^C kills now");
    CHECK(live(draining({killed})) == "waiting for server model to end: killed, not gone yet");
    CHECK(live(draining({slow})) == "waiting for server slow to end: killed in 1 min, ^C kills now");
    CHECK(live(draining({})) == "");
}

TEST_CASE("the narrow line, and the one for elsewhere") {
    const WaitingText one = waiting_for_end(draining({{"model", Millis{2'000}}}));
    CHECK(one.shorter == "server model: killed in 2 s, ^C kills now");
    CHECK(one.plain == std::vector<std::string>{"waiting for server model to end: killed in 2 s"});
    const WaitingText two = waiting_for_end(draining({{"model", Millis{2'000}}}, "pid 7 (sleep 60)"));
    CHECK(two.shorter == "server model (killed in 2 s), pid 7 (sleep 60) (killed in 3 s), ^C kills now");
    CHECK(waiting_for_end(draining({})).plain.empty());
}

TEST_CASE("the first ^C is a request to end, the second one hurries") {
    Ending ending = draining({{"model", Millis{2'000}}});
    ending.was_signalled = false;
    CHECK(live(ending) == "waiting for server model to end: killed in 2 s, ^C twice kills now");
}

TEST_CASE("whole seconds, counted down to one") {
    const auto shown = [](int left) {
        const std::string line = live(draining({{"model", Millis{left}}}));
        return line.substr(line.find("killed"));
    };
    CHECK(shown(2'001) == "killed in 3 s, ^C kills now");
    CHECK(shown(2'000) == "killed in 2 s, ^C kills now");
    CHECK(shown(1) == "killed in 1 s, ^C kills now");
    CHECK(shown(0) == "killed in 1 s, ^C kills now");
    CHECK(shown(59'500) == "killed in 1 min, ^C kills now");
}

TEST_CASE("no process has longer than all have") {
    Ending ending = draining({{"model", Millis{5'000}}}, "pid 7 (sleep 60)");
    ending.drain_left = Millis{300};  // the keeper was killed
    CHECK(live(ending) == "waiting for server model, pid 7 (sleep 60) to end: killed in 1 s, ^C kills now");
}

TEST_CASE("each phase of the end") {
    Ending ending = draining({{"model", Millis{2'000}}}, "pid 7 (sleep 60)");
    ending.ports = {Port{8080}};
    ending.holders_left = Millis{3'000};
    ending.was_signalled = false;
    ending.phase = Phase::Killing;
    CHECK(live(ending) == "waiting for server model, pid 7 (sleep 60) to end: killed, not gone yet");
    ending.phase = Phase::Verifying;
    CHECK(live(ending) == "waiting for the holder of port 8080 to end: killed in 3 s, ^C kills now");
    ending.holders_left.reset();
    CHECK(live(ending) == "waiting for the holder of port 8080 to end: killed, not gone yet");
    ending.ports.clear();
    CHECK(live(ending) == "");
    for (const Phase phase :
         {Phase::Claiming, Phase::Starting, Phase::Testing, Phase::Serving, Phase::Stopping, Phase::Done}) {
        ending.phase = phase;
        CHECK(live(ending) == "");
    }
}

TEST_CASE("while the test lives, the terminal is the test's") {
    Ending ending = draining({{"model", Millis{2'000}}}, "2 processes");  // the test one of them
    ending.test_lives = true;
    CHECK(live(ending) == "");
    CHECK(waiting_for_end(ending).plain.empty());
}
