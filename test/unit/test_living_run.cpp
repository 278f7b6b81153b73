// What --runs shows of a run.
#include <doctest/doctest.h>

#include "vlmshim/core/report/living_run.hpp"
#include "vlmshim/core/report/text_table.hpp"

using namespace vlmshim;

namespace {

constexpr Pid supervisor{11};

RunMember member(int pid, int parent, const char* program = "python3") {
    RunMember made;
    made.pid = Pid{pid};
    made.parent = Pid{parent};
    made.start_ticks = static_cast<std::uint64_t>(pid);
    made.program = program;
    made.has_run = true;
    return made;
}

RunMember of_server(const char* name, RunMember made) {
    made.server = name;
    return made;
}

RunMember listening(std::uint64_t inode, std::uint16_t port, RunMember made) {
    made.listens.push_back({inode, Port{port}});
    return made;
}

RunMember wiped(RunMember made) {
    made.has_run = false;
    return made;
}

LivingRun run_of(std::vector<RunMember> members, std::optional<Phase> phase = Phase::Testing,
                 const std::vector<Pid>& nested = {}) {
    LivingRun run;
    run.phase = phase;
    add_members(run, supervisor,
                members_below(supervisor, by_parent(std::move(members)), {nested.begin(), nested.end()}));
    return run;
}

/// "a:12:8080,9000 [node]:13:"
std::string servers_of(const LivingRun& run) {
    std::string text;
    for (const LivingRun::Server& server : run.servers) {
        text += (text.empty() ? "" : " ") + (server.name.empty() ? "[" + server.program + "]" : server.name) + ":" +
                std::to_string(server.pid.value) + ":";
        for (const Port port : server.ports) {
            text += (text.back() == ':' ? "" : ",") + std::to_string(port.number);
        }
    }
    return text;
}

int test_of(const LivingRun& run) {
    return run.test ? run.test->pid.value : 0;
}

LivingRun full() {
    LivingRun run;
    run.pid = Pid{10};
    run.user = "lena";
    run.age = Millis{312'345};
    run.since = Millis{1'000};
    run.phase = Phase::Testing;
    run.ports = {Port{8080}, Port{9000}};
    run.servers = {{"smolvlm", Pid{12}, "llama-server", "llama-server --port 8080", {Port{8080}}},
                   {"", Pid{15}, "node", "node web.js", {Port{9000}}}};
    run.test = LivingRun::Test{Pid{14}, "python3 vqa_test.py"};
    return run;
}

}  // namespace

TEST_CASE("servers are told by VLMSHIM_SERVER, with the ports of all of their processes") {
    CHECK(servers_of(run_of({})) == "");
    CHECK(servers_of(run_of({of_server("a", member(12, 11)), member(14, 11)})) == "a:12:");
    // A launcher, with the real server below it.
    CHECK(servers_of(run_of({listening(1, 8080, of_server("a", member(13, 12))), of_server("a", member(12, 11))})) ==
          "a:12:8080");
    CHECK(servers_of(run_of({of_server("b", member(13, 11)), of_server("a", member(12, 11))})) == "a:12: b:13:");
}

TEST_CASE("a process that listens is shown without a name, those that inherit its socket are not") {
    const auto master = listening(1, 8080, member(15, 14, "nginx"));
    CHECK(servers_of(run_of({member(14, 11), master})) == "[nginx]:15:8080");
    CHECK(servers_of(run_of({member(14, 11), master, listening(1, 8080, member(16, 15, "nginx"))})) ==
          "[nginx]:15:8080");
    CHECK(servers_of(run_of({member(14, 11), master, listening(2, 9000, member(16, 15, "node"))})) ==
          "[nginx]:15:8080 [node]:16:9000");
}

TEST_CASE("ports are those of the title, of VLMSHIM_PORT and of the listeners, each once") {
    LivingRun run;
    run.ports = {Port{8080}};
    RunMember test = member(14, 11);
    test.first_port = Port{8080};
    RunMember liar = member(15, 14);
    liar.first_port = Port{1};
    add_members(run, supervisor, {test, liar, listening(3, 7000, listening(4, 8080, member(16, 14)))});
    CHECK(run.ports == std::vector{Port{7000}, Port{8080}});
    CHECK(run_of({test}).ports == std::vector{Port{8080}});
    run.ports = {Port{9000}, Port{8080}, Port{9000}};
    add_members(run, supervisor, {test});
    CHECK(run.ports == std::vector{Port{8080}, Port{9000}});
    CHECK(run_of({}).ports.empty());
}

TEST_CASE("the test is the first child of the supervisor that is no server") {
    CHECK(test_of(run_of({})) == 0);
    CHECK(test_of(run_of({of_server("a", member(12, 11))})) == 0);
    CHECK(test_of(run_of({of_server("a", member(12, 11)), wiped(member(13, 12))})) == 0);
    CHECK(test_of(run_of({member(14, 11), of_server("a", member(12, 11))})) == 14);
    CHECK(test_of(run_of({member(14, 11), member(15, 11), member(16, 14)})) == 14);     // 15: an orphan
    CHECK(test_of(run_of({wiped(member(13, 11)), member(14, 11)})) == 14);              // 13: redis
    CHECK(test_of(run_of({wiped(member(14, 11))})) == 14);                              // sudo
    CHECK(test_of(run_of({wiped(member(12, 11, "vlm-init")), member(14, 11)})) == 14);  // --isolate
    CHECK(test_of(run_of({wiped(member(12, 11, "vlm-init"))})) == 0);
}

TEST_CASE("a process is the test only in a phase in which the test can run") {
    const std::vector<RunMember> one{member(14, 11)};
    CHECK(test_of(run_of(one, Phase::Stopping)) == 14);
    CHECK(test_of(run_of(one, std::nullopt)) == 14);  // the title does not say it
    for (const Phase phase : {Phase::Claiming, Phase::Starting, Phase::Serving, Phase::Draining, Phase::Killing,
                              Phase::Verifying, Phase::Done}) {
        CHECK(test_of(run_of(one, phase)) == 0);  // a probe, or a leftover
    }
}

TEST_CASE("what is below a nested run is that run's") {
    const std::vector<RunMember> members{member(20, 11, "vlmshim"), wiped(member(21, 20, "vlm-supervisor")),
                                         listening(1, 8080, of_server("a", member(22, 21)))};
    const LivingRun outer = run_of(members, Phase::Testing, {Pid{20}});
    CHECK(test_of(outer) == 20);
    CHECK(servers_of(outer) == "");
}

TEST_CASE("processes of others, and parents that have changed meanwhile, are passed over") {
    CHECK(servers_of(run_of({listening(1, 8080, member(30, 1))})) == "");
    CHECK(servers_of(run_of({member(30, 31), member(31, 30)})) == "");
    CHECK(servers_of(run_of({of_server("a", member(12, 11)), of_server("a", member(12, 12))})) == "a:12:");
}

TEST_CASE("the table has a line a run, and escapes what others wrote") {
    CHECK(run_table({}) == "");
    CHECK(run_table({full()}) ==
          "PID  USER  STARTED         PHASE    PORTS       SERVERS                            TEST\n"
          "10   lena  5 min 12 s ago  testing  8080, 9000  smolvlm (pid 12), [node] (pid 15)  python3 vqa_test.py\n");
    LivingRun bare;
    bare.pid = Pid{7};
    bare.user = "1000";
    bare.stopped = true;
    CHECK(run_table({bare}) ==
          "PID  USER  STARTED  PHASE       PORTS  SERVERS  TEST\n"
          "7    1000  -        -, stopped  -      -        -\n");
    bare.phase = Phase::Testing;
    bare.test = LivingRun::Test{Pid{8}, "sh -c \x1b[2J"};
    bare.servers = {{"", Pid{9}, "\n::error::", "", {}}};
    CHECK(run_table({bare}) ==
          "PID  USER  STARTED  PHASE             PORTS  SERVERS                TEST\n"
          "7    1000  -        testing, stopped  -      [\\n::error::] (pid 9)  sh -c \\x1b[2J\n");
}

TEST_CASE("a claim that is no name of a server is none, and a long one is cut") {
    CHECK(claimed_server("smolvlm") == "smolvlm");
    CHECK(claimed_server("") == "");
    CHECK(claimed_server("a b") == "");
    CHECK(claimed_server(std::string(100'000, ' ')) == "");
    CHECK(claimed_server(std::string(100, 'a')) == std::string(100, 'a'));
    CHECK(claimed_server(std::string(100'000, 'a')) == std::string(100, 'a'));
}

TEST_CASE("a cell of the table shows the first ten, and how many more there are") {
    LivingRun run;
    run.pid = Pid{7};
    run.user = "1000";
    for (std::uint16_t port = 1; port <= 10; ++port) {
        run.ports.push_back(Port{port});
    }
    CHECK(run_table({run}).find("  1, 2, 3, 4, 5, 6, 7, 8, 9, 10  -") != std::string::npos);
    run.ports.push_back(Port{11});
    run.ports.push_back(Port{12});
    CHECK(run_table({run}).find("  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2 more  -") != std::string::npos);
    for (int pid = 100; pid < 200; ++pid) {
        run.servers.push_back({std::string(90, 'a'), Pid{pid}, "", "", {}});
    }
    const std::string shown = run_table({run});
    CHECK(shown.find("  " + std::string(90, 'a') + " (pid 100), 99 more  -") != std::string::npos);
    run.servers.assign(100, {"", Pid{100}, std::string(15, '\xff'), "", {}});
    CHECK(run_table({run}).find(" (pid 100), 98 more  -") != std::string::npos);
}

TEST_CASE("a cell is cut between characters") {
    const auto cell_of = [](const std::string& cell) {
        const std::string table = text_table({{cell, ""}});
        return table.substr(0, table.find("  "));
    };
    CHECK(cell_of(std::string(200, 'a')) == std::string(200, 'a'));
    CHECK(cell_of(std::string(201, 'a')) == std::string(200, 'a') + "...");
    CHECK(cell_of(std::string(199, 'a') + "\xc3\xa4") == std::string(199, 'a') + "...");
    CHECK(cell_of(std::string(100'000, '\n')).size() == 203);
}

TEST_CASE("many processes that claim many servers are sorted out") {
    std::vector<RunMember> members;
    std::vector<Pid> nested;
    constexpr int count = 30'000;
    for (int i = 0; i < count; ++i) {
        members.push_back(of_server(("s" + std::to_string(i)).c_str(), member(20 + i, 11)));
        nested.push_back(Pid{20 + i});
    }
    const LivingRun run = run_of(members, Phase::Testing, nested);
    CHECK(run.servers.size() == count);
    CHECK(run.servers.back().name == "s29999");
}

TEST_CASE("as JSON") {
    const auto json_of = [](const LivingRun& run) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        write_living_run(json.begin_object(), run);
        return json.end_object().text();
    };
    LivingRun large = full();
    large.ports.assign(1'000, Port{65535});
    large.servers.assign(1'000, full().servers[0]);
    large.servers[0].ports = large.ports;
    LivingRun cut = large;
    cut.ports.resize(100);
    cut.servers.resize(100);
    cut.servers[0].ports.resize(100);
    CHECK(json_of(large) == json_of(cut));
    CHECK(json_of(large).size() < 20'000);
    CHECK(json_of(full()) ==
          R"({"pid": 10, "user": "lena", "since": "1970-01-01T00:00:01.000Z", "phase": "testing", "stopped": false, )"
          R"("ports": [8080, 9000], "servers": [)"
          R"({"name": "smolvlm", "pid": 12, "command": "llama-server --port 8080", "ports": [8080]}, )"
          R"({"name": null, "pid": 15, "command": "node web.js", "ports": [9000]}], )"
          R"("test": {"pid": 14, "command": "python3 vqa_test.py"}})");
    LivingRun bare;
    bare.pid = Pid{7};
    bare.user = "1000";
    CHECK(json_of(bare) == R"({"pid": 7, "user": "1000", "since": null, "phase": null, "stopped": false, )"
                           R"("ports": [], "servers": [], "test": null})");
}

TEST_CASE("what is not shown is said, with what can be the reason") {
    CHECK(no_run_text({}) == "no run of yours lives here");
    CHECK(no_run_text({.is_root = true}) == "no run lives here");
    CHECK(not_shown_text(1, {}) ==
          "1 other run lives, not shown: of another user, or in a PID namespace that cannot be seen from here");
    CHECK(not_shown_text(2, {.is_root = true}) ==
          "2 other runs live, not shown: not to be looked into without CAP_SYS_PTRACE, or in a PID namespace that "
          "cannot be seen from here");
    CHECK(not_shown_text(3, {.is_root = true, .sees_all = true}) ==
          "3 other runs live, not shown: in a PID namespace that cannot be seen from here");
}
