// The timers that the lifecycle starts and stops.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "lifecycle_script.hpp"
#include "vlmshim/supervisor/run_timers.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

struct Fixture {
    FakeClock clock;
    std::string fired;
    RunTimers timers{clock, [this](const Event& event) {
                         const auto& timer = std::get<event::TimerFired>(event);
                         fired += " " + timer_name(timer.timer) + ":" + std::to_string(index_of(timer.server));
                     }};

    void start(Timer timer, int after, std::size_t server = 0) {
        timers.start({timer, Millis{after}, ServerId{server}});
    }
    std::string after(int millis) {
        fired.clear();
        clock.advance(Millis{millis});
        return fired;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a timer fires once, when its time is over") {
    start(Timer::TestTimeout, 100);
    CHECK(after(99) == "");
    CHECK(after(1) == " test-timeout:0");
    CHECK(after(1'000) == "");
}

TEST_CASE_FIXTURE(Fixture, "a timer that is started again begins anew") {
    start(Timer::PortPoll, 100);
    CHECK(after(60) == "");
    start(Timer::PortPoll, 100);
    CHECK(after(60) == "");
    CHECK(after(40) == " port-poll:0");
    start(Timer::PortPoll, 10);
    CHECK(after(10) == " port-poll:0");
}

TEST_CASE_FIXTURE(Fixture, "the time that is left") {
    CHECK(timers.left(Timer::ServerGrace, ServerId{0}) == std::nullopt);
    start(Timer::ServerGrace, 100, 1);
    after(40);
    CHECK(timers.left(Timer::ServerGrace, ServerId{1}) == Millis{60});
    CHECK(timers.left(Timer::ServerGrace, ServerId{0}) == std::nullopt);
    timers.pause();
    after(1'000);
    CHECK(timers.left(Timer::ServerGrace, ServerId{1}) == Millis{60});
    timers.resume();
    CHECK(timers.left(Timer::ServerGrace, ServerId{1}) == Millis{60});
    after(60);
    CHECK(timers.left(Timer::ServerGrace, ServerId{1}) == std::nullopt);
}

TEST_CASE_FIXTURE(Fixture, "each server has timers of its own") {
    start(Timer::ServerGrace, 100, 0);
    start(Timer::ServerGrace, 50, 1);
    CHECK(after(50) == " server-grace:1");
    CHECK(after(50) == " server-grace:0");

    start(Timer::ServerGrace, 100, 0);
    start(Timer::ServerGrace, 100, 1);
    timers.stop({Timer::ServerGrace, ServerId{0}});
    CHECK(after(100) == " server-grace:1");
}

TEST_CASE_FIXTURE(Fixture, "a timer that was stopped does not fire") {
    timers.stop({Timer::TestGrace});  // that was never started
    start(Timer::TestGrace, 100);
    start(Timer::DrainLimit, 100);
    timers.stop({Timer::TestGrace});
    CHECK(after(100) == " drain-limit:0");

    start(Timer::TestGrace, 100);
    start(Timer::DrainLimit, 100);
    timers.stop_all();
    CHECK(after(1'000) == "");
}

TEST_CASE_FIXTURE(Fixture, "what a signal after a server's death means does not depend on the phase") {
    start(Timer::SameRequest, 100);
    start(Timer::DrainLimit, 100);
    timers.stop_all();
    CHECK(after(100) == " same-request:0");
}

TEST_CASE_FIXTURE(Fixture, "the time of a pause does not count") {
    start(Timer::TestTimeout, 100);
    CHECK(after(70) == "");
    timers.pause();
    CHECK(after(3'600'000) == "");
    timers.resume();
    CHECK(after(29) == "");
    CHECK(after(1) == " test-timeout:0");
}

// A signal that ends the run stops the timers first and ends the pause then.
TEST_CASE_FIXTURE(Fixture, "a pause brings back neither what was stopped in it nor what has fired before") {
    start(Timer::TestTimeout, 100);
    start(Timer::PortPoll, 10);
    CHECK(after(10) == " port-poll:0");
    timers.pause();
    timers.stop_all();
    timers.resume();
    CHECK(after(1'000) == "");
}
