// The order in which events are handled.
#include <doctest/doctest.h>

#include "lifecycle_script.hpp"
#include "vlmshim/supervisor/events.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

Event fired(Timer timer) {
    return event::TimerFired{timer};
}

std::string name_of(const Event& event) {
    return timer_name(std::get<event::TimerFired>(event).timer);
}

}  // namespace

TEST_CASE("an event that an action causes waits until the actions before it are done") {
    std::string order;
    std::function<void(const Event&)> act;
    Events events([&](const Event& event) { act(event); });
    act = [&](const Event& event) {
        order += " begin:" + name_of(event);
        if (name_of(event) == "port-poll") {
            events.push(fired(Timer::TestGrace));
            events.push(fired(Timer::DrainLimit));
        }
        order += " end:" + name_of(event);
    };
    events.push(fired(Timer::PortPoll));
    CHECK(order == " begin:port-poll end:port-poll begin:test-grace end:test-grace begin:drain-limit end:drain-limit");

    order.clear();
    events.push(fired(Timer::TestGrace));
    CHECK(order == " begin:test-grace end:test-grace");
}

// One round of waitid(2) reaps test and server: no action for the test may signal the server, whose pid is free by
// then.
TEST_CASE("the events of one look are handled when all of them are known") {
    std::string order;
    Events events([&](const Event& event) { order += " " + name_of(event); });
    events.push_together([&] {
        events.push(fired(Timer::PortPoll));
        order += " looked";
        events.push(fired(Timer::TestGrace));
        order += " looked";
    });
    CHECK(order == " looked looked port-poll test-grace");
}

TEST_CASE("the events of a look within an action are handled after that action") {
    std::string order;
    std::function<void(const Event&)> act;
    Events events([&](const Event& event) { act(event); });
    act = [&](const Event& event) {
        order += " begin:" + name_of(event);
        if (name_of(event) == "port-poll") {
            events.push_together([&] { events.push(fired(Timer::TestGrace)); });
        }
        order += " end:" + name_of(event);
    };
    events.push(fired(Timer::PortPoll));
    CHECK(order == " begin:port-poll end:port-poll begin:test-grace end:test-grace");
}
