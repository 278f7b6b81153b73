#include <doctest/doctest.h>

#include "vlmshim/core/values/line_queue.hpp"

using namespace vlmshim;

namespace {

std::string describe(std::size_t lines) {
    return "<" + std::to_string(lines) + " lost>";
}

/// Everything that is written from now on, `bytes` at a time.
std::string written(LineQueue& queue, std::size_t at_once = 1'000) {
    std::string all;
    while (!queue.empty()) {
        const std::string_view part = queue.front().substr(0, at_once);
        all += part;
        queue.wrote(part.size());
    }
    return all;
}

}  // namespace

TEST_CASE("lines come out in their order") {
    LineQueue queue(100, describe);
    CHECK(queue.empty());
    CHECK(queue.front().empty());
    queue.push("one\n");
    queue.push_unmissed("!");
    queue.push("two\n");
    CHECK(written(queue) == "one\n!two\n");
    CHECK(queue.empty());
    queue.push("");
    CHECK(queue.empty());
}

TEST_CASE("writing continues at the byte where it stopped") {
    LineQueue queue(100, describe);
    queue.push("one\n");
    queue.push("two\n");
    CHECK(written(queue, 3) == "one\ntwo\n");
}

TEST_CASE("the oldest lines are lost, and their number takes their place") {
    LineQueue queue(8, describe);
    for (const char* line : {"a1\n", "b2\n", "c3\n", "d4\n"}) {
        queue.push(line);
    }
    CHECK(written(queue) == "<2 lost>c3\nd4\n");
    CHECK(queue.lost_in_all() == 2);
    queue.push("e5\n");
    CHECK(written(queue) == "e5\n");
}

TEST_CASE("the last line stays, however long it is") {
    LineQueue queue(8, describe);
    queue.push("a\n");
    queue.push("the last line, which says why\n");
    CHECK(written(queue) == "<1 lost>the last line, which says why\n");
}

TEST_CASE("a line that is partly written stays whole") {
    LineQueue queue(8, describe);
    queue.push("begun\n");
    queue.front();
    queue.wrote(2);
    for (const char* line : {"b2\n", "c3\n", "d4\n"}) {
        queue.push(line);
    }
    CHECK(written(queue) == "gun\n<2 lost>d4\n");
}

TEST_CASE("lines that belong together are lost together, and all are counted") {
    LineQueue queue(8, describe);
    queue.push("a\nb\nc\n", 3);
    queue.push("d\n");
    CHECK(written(queue) == "a\nb\nc\nd\n");
    queue.push("a\nb\nc\n", 3);
    queue.push("d\n");
    queue.push("e\n");
    CHECK(written(queue) == "<3 lost>d\ne\n");
    CHECK(queue.lost_in_all() == 3);
    queue.push("a\nb\nc\n", 3);
    queue.front();
    queue.wrote(1);
    queue.push("longer\n");
    CHECK(written(queue) == "\nb\nc\nlonger\n");
}

TEST_CASE("unmissed text is not counted") {
    LineQueue queue(4, describe);
    queue.push_unmissed("xx");
    queue.push_unmissed("yy");
    queue.push("a\n");
    CHECK(written(queue) == "yya\n");
    queue.push("b\n");
    queue.push_unmissed("zz");
    queue.push("c\n");
    CHECK(written(queue) == "<1 lost>zzc\n");
}

TEST_CASE("the line about lost lines can be lost, too") {
    LineQueue queue(6, describe);
    for (const char* line : {"a1\n", "b2\n", "c3\n"}) {
        queue.push(line);
    }
    CHECK(queue.front() == "<1 lost>");  // nothing of it was written
    CHECK(queue.lost_in_all() == 1);
    queue.push("d4\n");
    CHECK(written(queue) == "<2 lost>c3\nd4\n");
    CHECK(queue.lost_in_all() == 2);
}

TEST_CASE("giving up keeps the rest of a line that is partly written") {
    LineQueue queue(100, describe);
    queue.push("one\n");
    queue.push("two\n");
    queue.give_up();
    CHECK(queue.empty());
    queue.push("three\n");
    queue.push("four\n");
    queue.front();
    queue.wrote(3);
    queue.give_up();
    queue.push("five\n");
    CHECK(written(queue) == "ee\nfive\n");
    queue.push("six\n");
    queue.front();
    queue.wrote(1);
    queue.clear();
    CHECK(queue.empty());
    CHECK(queue.lost_in_all() == 0);
}
