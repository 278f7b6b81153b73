#include <doctest/doctest.h>

#include "vlmshim/core/values/kept_output.hpp"

using namespace vlmshim;
using Lines = std::vector<std::string>;

namespace {

Lines kept(const std::string& text) {
    KeptOutput output;
    output.append(text);
    return output.lines();
}

std::string word(int number) {
    std::string text;
    for (; number >= 0; number = number / 26 - 1) {
        text.insert(text.begin(), static_cast<char>('a' + number % 26));
    }
    return text;
}

}  // namespace

TEST_CASE("short output is kept as it is") {
    CHECK(kept("").empty());
    CHECK(kept("one") == Lines{"one"});
    CHECK(kept("one\ntwo\n") == Lines{"one", "two"});
    CHECK(kept("one\r\n\ntwo") == Lines{"one", "", "two"});
}

TEST_CASE("lines may come in pieces") {
    KeptOutput output;
    for (const char* piece : {"lo", "ading", "\nre", "ady\n", "li"}) {
        output.append(piece);
    }
    CHECK(output.lines() == Lines{"loading", "ready", "li"});
    output.append("stening\n");
    CHECK(output.lines() == Lines{"loading", "ready", "listening"});
}

TEST_CASE("of long output the first and the last lines are kept") {
    KeptOutput output;
    for (int i = 0; i < 1'000; ++i) {
        output.append("line " + word(i) + "\n");
    }
    const Lines lines = output.lines();
    REQUIRE(lines.size() == 51);
    CHECK(lines[0] == "line a");
    CHECK(lines[9] == "line j");
    CHECK(lines[10] == "(950 lines left out)");
    CHECK(lines[11] == "line " + word(960));
    CHECK(lines[50] == "line " + word(999));
}

// A server that logs each probe: 250 such lines had pushed out its last messages.
TEST_CASE("lines that differ only in digits from the one before are counted") {
    KeptOutput output;
    output.append("loading model\n");
    for (int i = 0; i < 250; ++i) {
        output.append("GET /health 127.0.0.1:" + std::to_string(4000 + i * 37) + " 503 in " + std::to_string(i) +
                      " ms\n");
    }
    output.append("ready\nready\n7\n12\n");
    CHECK(output.lines() == Lines{"loading model",
                                  "GET /health 127.0.0.1:4000 503 in 0 ms  (249 lines like it followed)",
                                  "ready  (1 line like it followed)", "7  (1 line like it followed)"});
}

TEST_CASE("lines that differ in more than digits are kept") {
    CHECK(kept("a1b\na1c\na1\na\n1a\n").size() == 5);
    CHECK(kept("a1\na1b\n").size() == 2);
    CHECK(kept("\n\n") == Lines{"  (1 line like it followed)"});
}

TEST_CASE("memory is bounded, whatever a line's length") {
    KeptOutput output;
    for (int i = 0; i < 100; ++i) {
        output.append(std::string(1'000, 'x'));
    }
    REQUIRE(output.lines().size() == 1);
    CHECK(output.lines()[0] == std::string(KeptOutput::longest_line, 'x') + "...");
    output.append("\nnext\n");
    CHECK(output.lines().back() == "next");
}

TEST_CASE("the number of dropped lines is apart from the lines") {
    KeptOutput output;
    CHECK(output.kept() == KeptLines{});
    for (int i = 0; i < 60; ++i) {
        output.append("line " + word(i) + "\n");
    }
    const KeptLines kept = output.kept();
    CHECK(kept.dropped == 10);
    REQUIRE(kept.lines.size() == 50);
    CHECK(kept.lines[9] == "line j");
    CHECK(kept.lines[10] == "line " + word(20));
}

TEST_CASE("a long line is not cut within a character") {
    const std::string almost(KeptOutput::longest_line - 1, 'x');
    KeptOutput output;
    output.append(almost + "\u00e9");
    output.append("more\n");
    CHECK(output.lines() == Lines{almost + "..."});
}
