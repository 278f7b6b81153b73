#include <doctest/doctest.h>

#include "vlmshim/core/report/check_text.hpp"

using namespace vlmshim;
using Lines = std::vector<std::string>;

namespace {

ProgramFacts fine() {
    ProgramFacts program;
    program.path = "/usr/bin/serve";
    program.file = ProgramFacts::File::Regular;
    program.has_x_bit = program.executable = true;
    program.folder = "/work";
    return program;
}

ProgramFacts missing() {
    ProgramFacts program;
    program.folder = "/work";
    return program;
}

struct Given {
    Config config;
    RunFacts facts;

    Given() {
        config.servers.resize(1);
        config.servers[0].name = "model";
        config.servers[0].command = {"serve", "--port", "{port}"};
        config.test.command = {"pytest"};
        config.ports.guard = {Port{8080}};
        facts.servers.resize(1);
        facts.servers[0].program = facts.test = fine();
    }

    ServerConfig& server() { return config.servers[0]; }
    Lines told() const { return what_will_not_work(config, facts); }
};

bool says(const Lines& lines, const std::string& part) {
    return lines.size() == 1 && lines[0].find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("no sentence where nothing will fail") {
    CHECK(Given().told() == Lines{});
    Given other;
    other.config.servers.clear();
    other.config.test.command.clear();
    other.facts = {};
    CHECK(other.told() == Lines{});
}

TEST_CASE("a command that cannot be started, of server, probe or test") {
    Given given;
    given.facts.servers[0].program = missing();
    CHECK(says(given.told(), "server 'model' cannot be started: 'serve --port {port}': no such program is in PATH"));
    given = {};
    given.facts.test = missing();
    CHECK(says(given.told(), "the test 'pytest' cannot be started: no such program is in PATH"));
    given = {};
    given.server().ready.exec = {"is-ready"};
    given.facts.servers[0].probe = missing();
    CHECK(says(given.told(), "server 'model' will not be ready: 'is-ready': no such program"));
    given.facts.servers[0].probe = fine();
    CHECK(given.told() == Lines{});
    given = {};
    given.facts.servers[0].program->executable = given.facts.servers[0].program->has_x_bit = false;
    CHECK(says(given.told(), "is not executable: 'chmod +x"));
    given = {};
    given.facts.servers[0].program->noexec = true;  // faccessat(2) knows that, too
    given.facts.servers[0].program->executable = false;
    CHECK(says(given.told(), "noexec"));
    given = {};
    given.facts.servers[0].program->first_line = "#!/nowhere";
    given.facts.servers[0].program->interpreter_is_there = false;
    CHECK(says(given.told(), "(#!/nowhere)"));
}

TEST_CASE("a folder that is none hides what would be found there") {
    Given given;
    given.server().cwd = "my models";
    given.facts.servers[0].cwd = FileKind::None;
    given.facts.servers[0].program = missing();
    CHECK(given.told() ==
          Lines{"server 'model' cannot be started: its cwd 'my models' is not there, or may not be entered"});
    given.facts.servers[0].cwd = FileKind::Regular;
    CHECK(given.told() == Lines{"server 'model' cannot be started: its cwd 'my models' is not a folder"});
    given.facts.servers[0].cwd = FileKind::Folder;
    given.facts.servers[0].program.reset();
    given.config.test.command = {"pytest"};
    given.config.test.cwd = "tests";
    given.facts.test = missing();
    given.facts.test_cwd = FileKind::None;
    CHECK(given.told() == Lines{"the test cannot be started: its cwd tests is not there, or may not be entered"});
}

TEST_CASE("an output or a report that cannot be written") {
    Given given;
    given.server().output = {OutputMode::File, "logs/a"};
    given.facts.servers[0].output_problem = "No such file or directory";
    given.facts.report_problems = {"the report /tmp cannot be written: Is a directory"};
    CHECK(given.told() == Lines{"server 'model' cannot be started: its output logs/a: No such file or directory",
                                "the report /tmp cannot be written: Is a directory"});
}

TEST_CASE("a server that is not told its port") {
    struct Row {
        Lines command;
        std::map<std::string, std::string> env;
        Port port;
        Port guarded;
        const char* told;  // nullptr: nothing
    };
    const Port p{8080};
    const std::vector<Row> rows{
        {{"serve", "--port={port}"}, {}, p, p, nullptr},
        {{"serve"}, {{"PORT", "{port}"}}, p, p, nullptr},
        {{"serve", "-p8080"}, {}, p, p, nullptr},
        {{"sh", "-c", "serve $VLMSHIM_PORT"}, {}, p, p, nullptr},
        {{"serve"}, {}, p, Port{9000}, nullptr},  // its port is not guarded
        {{"serve"}, {}, p, p, "unless it listens on 8080 by itself, it will not be ready"},
        {{"serve", "18080", "80801"}, {}, p, p, "is not told its port"},
        {{"serve", "80"}, {{"PORT", "9000"}}, p, p, "is not told its port"},
        {{"serve", "8080"}, {}, auto_port, auto_port, "with port = \"auto\" it has to read VLMSHIM_PORT_MODEL"},
        {{}, {}, p, p, nullptr},
    };
    for (const Row& row : rows) {
        Given given;
        given.server().command = row.command;
        given.server().env = row.env;
        given.server().port = row.port;
        given.config.ports.guard = {row.guarded};
        CAPTURE(row.command.size());
        CAPTURE(row.told);
        CHECK((row.told == nullptr ? given.told().empty() : says(given.told(), row.told)));
    }
}

TEST_CASE("a probe on another port than the server's") {
    const auto told = [](const std::string& http, const std::string& tcp, Port port) {
        Given given;
        given.server().port = port;
        given.config.ports.guard = {port};
        given.server().ready.http = http;
        given.server().ready.tcp = tcp;
        return given.told();
    };
    const Port p{8080};
    CHECK(told("http://localhost:{port}/", "", p) == Lines{});
    CHECK(told("http://localhost:8080/", "", p) == Lines{});
    CHECK(told("", "", p) == Lines{});
    CHECK(told("", "", auto_port) == Lines{});
    CHECK(told("http://localhost:3000/", "", p) ==
          Lines{"server 'model' has port 8080, but is asked on port 3000 whether it is ready: write {port} in "
                "[server.ready], or port = 3000"});
    CHECK(says(told("", "[::1]:1", p), "is asked on port 1 "));
    CHECK(says(told("", "localhost:3000", auto_port), "has port auto, but is asked on port 3000"));
}

TEST_CASE("an external server, and one without a port") {
    Given given;
    given.server().command.clear();
    given.server().external = true;
    given.facts.servers[0].program.reset();
    given.config.ports.guard.clear();
    CHECK(given.told() == Lines{});
    given.facts.servers[0].lacks_curl = true;
    CHECK(says(given.told(), "server 'model' will not be ready: curl(1)"));
    given = {};
    given.server().command = {"serve"};
    given.server().port.reset();
    CHECK(given.told() == Lines{});
}

TEST_CASE("what the machine does not allow") {
    Given given;
    given.facts.ports = {"port 8080 is busy: pid 7"};
    given.facts.no_namespace = "PID namespace refused: Operation not permitted";
    CHECK(given.told() == Lines{"port 8080 is busy: pid 7",
                                "pid_namespace = true (--isolate) is not possible here: PID namespace refused: "
                                "Operation not permitted; it needs root, or unprivileged user namespaces"});
    struct Row {
        ProcessRoom room;
        const char* told;
    };
    for (const Row& row : {Row{{1000, 900}, nullptr}, Row{{1000, 936}, nullptr},
                           Row{{1000, 937},
                               "1000 processes and threads (ulimit -u), and 937 are there: servers and "
                               "test have room for 63 more"},
                           Row{{10, 50}, "room for 0 more"}}) {
        Given other;
        other.facts.room = row.room;
        CHECK((row.told == nullptr ? other.told().empty() : says(other.told(), row.told)));
    }
}
