// What ps(1) shows as the supervisor's command line.
#include <doctest/doctest.h>

#include "vlmshim/core/report/supervisor_title.hpp"

using namespace vlmshim;

TEST_CASE("the supervisor's title has the phase and the ports, as far as there is room") {
    struct Row {
        Phase phase;
        std::vector<Port> ports;
        std::size_t room;
        const char* title;
    };
    const Row rows[]{
        {Phase::Testing, {Port{8080}}, 100, "vlm-supervisor: testing, port 8080"},
        {Phase::Testing, {Port{8080}}, 34, "vlm-supervisor: testing, port 8080"},
        {Phase::Testing, {Port{8080}}, 33, "vlm-supervisor: testing"},
        {Phase::Draining, {Port{8080}, Port{9000}}, 100, "vlm-supervisor: draining, ports 8080, 9000"},
        {Phase::Claiming, {Port{}}, 100, "vlm-supervisor: claiming"},  // "auto"
        {Phase::Starting, {Port{}, Port{9000}}, 100, "vlm-supervisor: starting, port 9000"},
        {Phase::Serving, {}, 22, "vlm-supervisor"},
        {Phase::Serving, {}, 5, "vlm-s"},
        {Phase::Serving, {}, 0, ""},
    };
    for (const Row& row : rows) {
        CHECK(supervisor_title(row.phase, row.ports, "vlmshim -- npm test", row.room) == row.title);
    }
}

// `pkill -9 -f 8080` hit keeper and supervisor, and left what the test had started.
TEST_CASE("what the command line says, the title does not") {
    const auto title = [](const char* command_line) {
        return supervisor_title(Phase::Testing, {Port{8080}, Port{9000}}, command_line, 100);
    };
    CHECK(title("vlmshim -c ci.toml") == "vlm-supervisor: testing, ports 8080, 9000");
    CHECK(title("vlmshim -p 8080 -- t") == "vlm-supervisor: testing");
    CHECK(title("vlmshim --ready=http://localhost:9000/ -- t") == "vlm-supervisor: testing");
    CHECK(title("vlmshim -- ./run-testing.sh") == "vlm-supervisor: ports 8080, 9000");
    CHECK(title("vlmshim -p 8080 -- testing") == "vlm-supervisor");
}

TEST_CASE("a title tells phase and ports again, and what no supervisor writes tells nothing") {
    struct Row {
        const char* title;
        std::optional<Phase> phase;
        std::vector<Port> ports;
    };
    const Row rows[]{
        {"vlm-supervisor: testing, port 8080", Phase::Testing, {Port{8080}}},
        {"vlm-supervisor: draining, ports 8080, 9000", Phase::Draining, {Port{8080}, Port{9000}}},
        {"vlm-supervisor: serving", Phase::Serving, {}},
        {"vlm-supervisor: ports 8080, 9000", {}, {Port{8080}, Port{9000}}},
        {"vlm-supervisor: port 8080", {}, {Port{8080}}},
        {"vlm-supervisor", {}, {}},
        {"vlm-s", {}, {}},
        {"", {}, {}},
        {"vlmshim -- testing, port 8080", {}, {}},
        {"vlm-supervisor: dancing, port 8080", {}, {}},
        {"vlm-supervisor: testing\x1b[2J", {}, {}},
        {"vlm-supervisor: testing, port 80800", {}, {}},
        {"vlm-supervisor: testing, port 0", {}, {}},
        {"vlm-supervisor: testing, ports 8080, ", {}, {}},
        {"vlm-supervisor: testing, ", {}, {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.title);
        const SupervisorTitle read = read_supervisor_title(row.title);
        CHECK(read.phase == row.phase);
        CHECK(read.ports == row.ports);
    }
    for (int number = 0; number <= static_cast<int>(Phase::Done); ++number) {
        const auto phase = static_cast<Phase>(number);
        CHECK(read_supervisor_title(supervisor_title(phase, {Port{1}}, "", 100)).phase == phase);
    }
}
