#include <doctest/doctest.h>

#include <csignal>

#include "vlmshim/core/values/signal_names.hpp"

using namespace vlmshim;

TEST_CASE("a signal is named in any usual way") {
    for (const char* text : {"SIGTERM", "TERM", "15", "sigterm", "Term"}) {
        CAPTURE(text);
        CHECK(parse_signal(text) == Signal{SIGTERM});
    }
    CHECK(parse_signal("SIGRTMIN") == Signal{SIGRTMIN});
    CHECK(parse_signal("SIGRTMIN+3") == Signal{SIGRTMIN + 3});
    CHECK(parse_signal("rtmax-1") == Signal{SIGRTMAX - 1});
    CHECK(parse_signal("SIGPOLL") == Signal{SIGIO});
}

TEST_CASE("other names are refused") {
    for (const char* text : {"", "SIG", "SIGFOO", "0", "-15", "+15", "65", "32", "33", "15 ", "SIGRTMIN-1", "SIGRTMIN+",
                             "SIGRTMIN+99", "SIGRTMIN+-1", "SIGRTMAX+1", "SIGSIGTERM", "99999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_signal(text).has_value());
    }
}

TEST_CASE("every signal that can be named is read back from its name") {
    for (int number = 1; number <= SIGRTMAX; ++number) {
        CAPTURE(number);
        const std::string name = signal_name(Signal{number});
        if (number < SIGSYS + 1 || number >= SIGRTMIN) {
            CHECK(parse_signal(name) == Signal{number});
            CHECK(parse_signal(std::to_string(number)) == Signal{number});
        } else {
            CHECK(name == "signal " + std::to_string(number));
        }
    }
    CHECK(signal_name(Signal{SIGTERM}) == "SIGTERM");
    CHECK(signal_name(Signal{SIGABRT}) == "SIGABRT");
    CHECK(signal_name(Signal{SIGRTMIN + 3}) == "SIGRTMIN+3");
    CHECK(signal_name(Signal{99}) == "signal 99");
}
