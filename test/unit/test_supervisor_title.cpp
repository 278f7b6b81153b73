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
