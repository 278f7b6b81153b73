#include <doctest/doctest.h>

#include <string>

#include "vlmshim/core/values/duration.hpp"

using namespace vlmshim;
using namespace std::chrono_literals;

TEST_CASE("a duration is one or more numbers with a unit") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("3s") == 3s);
    CHECK(parse_duration("2m") == 2min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("1m30s") == 90s);
    CHECK(parse_duration("1h2m3s4ms") == 1h + 2min + 3s + 4ms);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0.25m") == 15s);
    CHECK(parse_duration("1m0.5s") == 60500ms);
    CHECK(parse_duration("0s") == 0ms);
    CHECK(parse_duration("1000h") == 1000h);
}

TEST_CASE("other texts are refused") {
    for (const char* text : {"",
                             "3",
                             "1.5",
                             "s",
                             "-3s",
                             "+3s",
                             " 3s",
                             "3 s",
                             "3s ",
                             "3S",
                             "3sec",
                             "3d",
                             "1s1m",
                             "1s1s",
                             "30ms1s",
                             ".5s",
                             "5.s",
                             "1..5s",
                             "1.5.5s",
                             "1001h",
                             "999h120m",
                             "99999999999s",
                             "99999999999999999999999s",
                             "1.5ms",
                             "0.0001s",
                             "1e3s",
                             "0x1s",
                             "3s3",
                             "ms500"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
    CHECK_FALSE(parse_duration(std::string("3s\0", 3)).has_value());
}

TEST_CASE("the error for a number without a unit names the text to write") {
    CHECK(explain_bad_duration("3") == "needs a unit: write \"3s\"");
    CHECK(explain_bad_duration("1.5") == "needs a unit: write \"1.5s\"");
    CHECK(explain_bad_duration("soon").find("is no duration") == 0);
    CHECK(explain_bad_duration("").find("is no duration") == 0);
}

TEST_CASE("format_duration is exact and can be read back") {
    CHECK(format_duration(0ms) == "0s");
    CHECK(format_duration(340ms) == "340ms");
    CHECK(format_duration(1500ms) == "1.5s");
    CHECK(format_duration(1005ms) == "1.005s");
    CHECK(format_duration(60s) == "1m");
    CHECK(format_duration(90s) == "1m30s");
    CHECK(format_duration(60500ms) == "1m0.5s");
    CHECK(format_duration(1h) == "1h");
    CHECK(format_duration(1h + 1s) == "1h1s");
    for (int millis = 0; millis < 4'000'000; millis += 997) {
        REQUIRE(parse_duration(format_duration(Millis(millis))) == Millis(millis));
    }
}

TEST_CASE("describe_duration rounds") {
    CHECK(describe_duration(0ms) == "0 ms");
    CHECK(describe_duration(340ms) == "340 ms");
    CHECK(describe_duration(2100ms) == "2.1 s");
    CHECK(describe_duration(3s) == "3 s");
    CHECK(describe_duration(59940ms) == "59.9 s");
    CHECK(describe_duration(59970ms) == "1 min");
    CHECK(describe_duration(200s) == "3 min 20 s");
    CHECK(describe_duration(2h + 5min) == "2 h 5 min");
    CHECK(describe_duration(3599700ms) == "1 h");
}
