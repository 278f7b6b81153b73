// What a server writes, shown by lines as it comes.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "fake_log.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/shown_output.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

struct Fixture {
    FakeClock clock;
    FakeLog log{LogLevel::Off};
    ShownOutput output{"model", clock, log};

    std::string after(std::string_view bytes) {
        output.add(bytes);
        return log.take();
    }
    std::string later(Millis time) {
        clock.advance(time);
        return log.take();
    }
};

const Millis moment{1};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "each line is shown when it is complete, whatever pieces it comes in, at every level") {
    CHECK(after("one\ntwo\r\n\nth") == "model| one\nmodel| two\nmodel| ");
    CHECK(after("ree\nfo") == "model| three");
    CHECK(after("u") == "");
    CHECK(after("r\n") == "model| four");
    CHECK(later(Millis{60'000}) == "");
}

TEST_CASE_FIXTURE(Fixture, "a line without an end is shown after a second from its first byte") {
    CHECK(after("Password? ") == "");
    CHECK(later(open_line_limit - moment) == "");
    CHECK(after("really? ") == "");
    CHECK(later(moment) == "model| Password? really? ");
    CHECK(later(Millis{60'000}) == "");
    CHECK(after("yes\n") == "model| yes");
}

TEST_CASE_FIXTURE(Fixture, "the second counts from the beginning of each line") {
    after("one");
    later(Millis{900});
    CHECK(after("\ntwo") == "model| one");
    CHECK(later(Millis{900}) == "");
    CHECK(later(Millis{100}) == "model| two");
    after("three");
    after("\n");
    later(Millis{500});
    after("four");
    CHECK(later(Millis{999}) == "");
    CHECK(later(moment) == "model| four");
}

TEST_CASE_FIXTURE(Fixture, "a line end that arrives late makes no line of its own") {
    after("done");
    CHECK(later(open_line_limit) == "model| done");
    CHECK(after("\n\nnext\n") == "model| \nmodel| next");
    after("50 %\r");
    CHECK(later(open_line_limit) == "model| 50 %");
    after("\r60 %");
    CHECK(later(open_line_limit) == "model| 60 %");
    after("\r");
    CHECK(later(open_line_limit) == "");
    CHECK(after("\n") == "");
}

TEST_CASE_FIXTURE(Fixture, "a long line is shown in pieces, none of which cuts a character") {
    const std::string full(OutputLines::longest, 'x');
    CHECK(after(full) == "");
    CHECK(after("x") == "model| " + full);
    CHECK(after("y\n") == "model| xy");
    CHECK(after(full + "\n") == "model| " + full);
    CHECK(after(full + full + "z\n") == "model| " + full + "\nmodel| " + full + "\nmodel| z");

    const std::string almost = full.substr(2);
    CHECK(after(almost + "\xe2\x82") == "");
    CHECK(after("\xac\n") == "model| " + almost + "\nmodel| \xe2\x82\xac");
    CHECK(after(std::string(OutputLines::longest + 1, '\x80')).size() == 7 + 4 * OutputLines::longest);
    CHECK(later(Millis{60'000}) == "model| \\x80");
}

TEST_CASE_FIXTURE(Fixture, "when the server has ended nothing is waited for") {
    after("out of mem");
    output.show_open();
    CHECK(log.take() == "model| out of mem");
    CHECK(later(Millis{60'000}) == "");
    output.show_open();
    CHECK(log.take() == "");
}

TEST_CASE_FIXTURE(Fixture, "it controls neither a terminal nor a CI") {
    CHECK(after("\033[2Jred\a\n##[error]x\n::error::y\n") ==
          "model| \\x1b[2Jred\\x07\nmodel| ##\\[error]x\nmodel| ::error::y");
}

TEST_CASE_FIXTURE(Fixture, "lines of different servers never mix") {
    ShownOutput other("proxy", clock, log);
    output.add("mod");
    other.add("pro");
    output.add("el\nmo");
    other.add("xy\n");
    CHECK(log.take() == "model| model\nproxy| proxy");
}
