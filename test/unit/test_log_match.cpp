// A line that is looked for in the output of a server.
#include <doctest/doctest.h>

#include <string>

#include "vlmshim/core/values/log_match.hpp"

using namespace vlmshim;

namespace {

bool found(const std::string& pattern, std::initializer_list<std::string_view> pieces) {
    LogMatch match(pattern);
    for (const std::string_view piece : pieces) {
        match.take(piece);
    }
    return match.found();
}

}  // namespace

TEST_CASE("a line is found however its output is cut into pieces") {
    CHECK(found("listening on [0-9]+", {"x\nlistening on 8080\n"}));
    CHECK(found("listening on [0-9]+", {"listen", "ing o", "n 80"}));
    CHECK(found("^listening", {"a\nb\n", "listening"}));
    CHECK_FALSE(found("listening", {"listen\ning\n"}));
    CHECK_FALSE(found("^listening", {"not listening\n"}));
    CHECK_FALSE(found("listening", {}));
}

TEST_CASE("$ matches only the end of a line") {
    CHECK(found("ready$", {"ready\n"}));
    CHECK(found("ready$", {"ready\r\n"}));
    CHECK_FALSE(found("ready$", {"ready"}));
    CHECK_FALSE(found("ready$", {"ready to fail\n"}));
    CHECK(found("ready", {"ready"}));  // a prompt has no end
}

TEST_CASE("text after a NUL byte is found, too") {
    CHECK(found("listening", {std::string_view("\0\0listening\n", 12)}));
}

TEST_CASE("only the first 64 KiB of a line count") {
    const std::string long_line(64 * 1024, 'x');
    CHECK_FALSE(found("listening", {long_line, "listening\n"}));
    CHECK(found("listening", {long_line, "x\nlistening\n"}));
    CHECK(found("xlistening", {long_line.substr(9), "listening\n"}));
}

TEST_CASE("a match stays") {
    LogMatch match("ready");
    match.take("ready\nsomething else\n");
    CHECK(match.found());
    CHECK(match.found());
}

TEST_CASE("an invalid expression has a problem") {
    CHECK(LinePattern("a|b").problem().empty());
    CHECK_FALSE(LinePattern("(").problem().empty());
    CHECK_FALSE(LinePattern("a{2,1}").problem().empty());
    CHECK_FALSE(LinePattern("(").matches("(", LinePattern::Line::Whole));
}
