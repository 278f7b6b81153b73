#include <doctest/doctest.h>

#include <set>

#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/free_result.hpp"
#include "vlmshim/core/report/page.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/report/report_form.hpp"
#include "vlmshim/core/report/run_report.hpp"

using namespace vlmshim;

namespace {

PortHolder holder(std::uint16_t port, Pid pid) {
    PortHolder one;
    one.listener.port = Port{port};
    one.listener.address = Address::loopback(IpVersion::V4);
    one.pid = pid;
    one.user = "lena";
    if (pid.value != 0) {
        one.command = "serve";
        one.age = Millis{3'725'000};
        one.since = Millis{0};
    } else {
        one.not_visible_because = "of this";
    }
    return one;
}

RunReport ended_with(ExitStatus status, std::optional<ExitStatus> test, Failure failure = Failure::None) {
    RunReport report;
    report.status = status;
    report.cause = cause_of(failure);
    if (test) {
        report.test = RunReport::Test{Pid{7}, Millis{1}, Millis{2}, test};
    }
    return report;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the verdict") {
    const auto code = [](int value) { return ExitStatus::exited(value); };
    const ExitStatus killed = ExitStatus::signaled(Signal{9});
    CHECK(verdict_of(RunReport{}) == Verdict::Running);
    CHECK(verdict_of(ended_with(code(0), code(0))) == Verdict::Passed);
    CHECK(verdict_of(ended_with(code(3), code(3))) == Verdict::Failed);
    CHECK(verdict_of(ended_with(code(3), code(3), Failure::NotCleaned)) == Verdict::Failed);
    CHECK(verdict_of(ended_with(killed, killed)) == Verdict::Failed);
    CHECK(verdict_of(ended_with(code(124), code(0), Failure::TestTimedOut)) == Verdict::TimedOut);
    CHECK(verdict_of(ended_with(code(124), std::nullopt, Failure::TestTimedOut)) == Verdict::TimedOut);
    CHECK(verdict_of(ended_with(killed, std::nullopt, Failure::Interrupted)) == Verdict::Interrupted);
    CHECK(verdict_of(ended_with(code(125), std::nullopt, Failure::PortBusy)) == Verdict::NotStarted);
    CHECK(verdict_of(ended_with(code(127), std::nullopt, Failure::TestNotStarted)) == Verdict::NotStarted);
    CHECK(verdict_of(ended_with(code(125), code(0), Failure::NotCleaned)) == Verdict::Error);
    CHECK(verdict_of(ended_with(code(125), code(0), Failure::ServerDied)) == Verdict::Error);
    CHECK(verdict_of(ended_with(code(0), code(0), Failure::KeeperLost)) == Verdict::Error);
    RunReport of_keeper = ended_with(code(125), std::nullopt);
    of_keeper.written_by = ReportWriter::Keeper;
    CHECK(verdict_of(of_keeper) == Verdict::Error);
}

TEST_CASE("the verdict of a run that a signal ended") {
    RunReport report = ended_with(ExitStatus::exited(143), ExitStatus::exited(143));
    report.ended_by = Signal{15};
    CHECK(verdict_of(report) == Verdict::Interrupted);
    report.status = report.test->status = ExitStatus::exited(0);
    CHECK(verdict_of(report) == Verdict::Passed);
    report.status = ExitStatus::exited(125);  // by vlmshim
    CHECK(verdict_of(report) == Verdict::Error);
}

TEST_CASE("the verdict of a run without a test") {
    RunReport report = ended_with(ExitStatus::exited(125), std::nullopt, Failure::ServerDied);
    report.phases = {{Phase::Starting, Millis{0}}};
    CHECK(verdict_of(report) == Verdict::NotStarted);
    report.phases.push_back({Phase::Serving, Millis{10}});
    CHECK(verdict_of(report) == Verdict::Error);
    report.cause = Cause::None;
    report.ended_by = Signal{1};
    report.status = ExitStatus::signaled(Signal{1});
    CHECK(verdict_of(report) == Verdict::Interrupted);
}

TEST_CASE("every failure has a cause of its own, every cause a name") {
    std::set<Cause> causes;
    for (int i = 0; i <= static_cast<int>(Failure::KeeperLost); ++i) {
        causes.insert(cause_of(static_cast<Failure>(i)));
    }
    CHECK(causes.size() == static_cast<std::size_t>(Failure::KeeperLost) + 1);
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Cause::SupervisorFailed); ++i) {
        names.insert(cause_name(static_cast<Cause>(i)));
    }
    CHECK(names.size() == static_cast<std::size_t>(Cause::SupervisorFailed) + 1);
    CHECK_FALSE(names.contains(""));
}

TEST_CASE("the report as JSON") {
    RunReport report = ended_with(ExitStatus::exited(1), ExitStatus::signaled(Signal{11}));
    report.command = {"a b", "\xff"};
    report.duration = Millis{50};
    report.phases = {{Phase::Claiming, Millis{0}}, {Phase::Testing, Millis{20}}};
    report.signals = {{Millis{30}, Signal{2}, Pid{}, "the terminal"}};
    report.ended = {{Pid{9}, "x", EndedHow::ByItself},
                    {Pid{10}, "y", EndedHow::Killed, EndedWhy::Server, "model", Millis{40}, Millis{45}}};
    report.ports_before = std::vector<PortHolder>{};
    RunReport::Server server;
    server.started_at = Millis{5};
    server.answers.add(Millis{1}, "connection refused");
    server.ended_at = Millis{48};
    server.listening = RunReport::Listening{Pid{11}, "z", {"127.0.0.1:1", "[::1]:1"}};
    report.servers.push_back(server);
    const std::string json = to_json(report);
    CHECK(has(json, "\"command\": [\n    \"a b\",\n    \"\xef\xbf\xbd\"\n  ]"));
    CHECK(has(json, "\"exit_code\": 1,\n  \"signal\": null"));
    CHECK(has(json, "\"exit_code\": null,\n    \"signal\": \"SIGSEGV\""));
    CHECK(has(json, "\"phase\": \"claiming\",\n      \"at_ms\": 0,\n      \"duration_ms\": 20"));
    CHECK(has(json, "\"phase\": \"testing\",\n      \"at_ms\": 20,\n      \"duration_ms\": 30"));
    CHECK(has(json, "\"at_ms\": 6,\n          \"answer\": \"connection refused\",\n          \"times\": 1"));
    CHECK(has(json, "\"sender_pid\": null,\n      \"sender\": \"the terminal\""));
    CHECK(has(json,
              "\"how\": \"by itself\",\n      \"why\": \"leftover\",\n      \"server\": null,\n      "
              "\"asked_at_ms\": null,\n      \"killed_at_ms\": null"));
    CHECK(has(json,
              "\"how\": \"killed\",\n      \"why\": \"server\",\n      \"server\": \"model\",\n      "
              "\"asked_at_ms\": 40,\n      \"killed_at_ms\": 45"));
    CHECK(has(json,
              "\"ended_at_ms\": 48,\n      \"listening\": {\n        \"pid\": 11,\n        \"command\": \"z\",\n    "
              "    \"addresses\": [\n          \"127.0.0.1:1\",\n          \"[::1]:1\"\n        ]\n      },"));
    CHECK(has(json, "\"ports_before\": [],\n  \"ports_after\": null,\n"));
}

TEST_CASE("of very many listeners the first are in the report") {
    RunReport report;
    report.ports_before = std::vector<PortHolder>(16'000, holder(1, Pid{2}));
    report.ports_before->at(999) = holder(8'080, Pid{3});
    report.ports_before->at(1'000) = holder(8'081, Pid{4});
    const std::string json = to_json(report);
    CHECK(has(json, "\"port\": 8080,"));
    CHECK_FALSE(has(json, "\"port\": 8081,"));
}

TEST_CASE("what was told, seen and lost, and where, in the report") {
    RunReport report;
    report.warnings = {{Millis{1}, "a\x1b", LogLevel::Warning}, {Millis{2}, "b", LogLevel::Error}};
    report.strangers = {{Millis{3}, "model", "pid 7 (nc)"}};
    report.slow_readers = {{"standard error", 12}};
    report.config_text = "[log]\nlevel = \"info\"\n";
    report.environment = {.vlmshim = "vlmshim 1",
                          .kernel = "Linux 6",
                          .machine = "x86_64",
                          .processors = 0,
                          .open_files = 1'024,
                          .processes = std::nullopt,
                          .pid_one = true,
                          .subreaper = false};
    CHECK(has(to_json(report), R"json("warnings": [
    {
      "at_ms": 1,
      "level": "warning",
      "text": "a\u001b"
    },
    {
      "at_ms": 2,
      "level": "error",
      "text": "b"
    }
  ],
  "strangers": [
    {
      "at_ms": 3,
      "server": "model",
      "description": "pid 7 (nc)"
    }
  ],
  "slow_readers": [
    {
      "stream": "standard error",
      "dropped": 12
    }
  ],
  "config_text": "[log]\u000alevel = \"info\"\u000a",
  "environment": {
    "vlmshim": "vlmshim 1",
    "kernel": "Linux 6",
    "machine": "x86_64",
    "processors": null,
    "open_files": 1024,
    "processes": null,
    "pid_one": true,
    "subreaper": false
  }
}
)json"));
}

TEST_CASE("the form of a report is that of its name") {
    for (const char* name : {"a.html", "/b/c.htm", ".html"}) {
        CHECK(report_form_of(name) == ReportForm::Page);
    }
    for (const char* name : {"a.json", "html", "a.html.json", "/dev/stdout", "a.xhtml", ""}) {
        CHECK(report_form_of(name) == ReportForm::Json);
    }
    const RunReport report;
    CHECK(report_text(report, ReportForm::Json) == to_json(report));
    CHECK(report_text(report, ReportForm::Page) == to_page(report));
}

TEST_CASE("what a server wrote, in the report") {
    const auto written = [](RunReport::Output output) {
        RunReport report;
        report.servers.resize(1);
        report.servers[0].output = std::move(output);
        const std::string json = to_json(report);
        const std::size_t begin = json.find("\"output\"");
        return json.substr(begin, json.find("\"exit_code\"", begin) - begin);
    };
    CHECK(written({}) == "\"output\": null,\n      ");
    CHECK(written(KeptLines{{"one", "\\x1b \"two\""}, 7}) ==
          "\"output\": {\n        \"kept\": [\n          \"one\",\n          \"\\\\x1b \\\"two\\\"\"\n        ],\n     "
          "   "
          "\"dropped\": 7\n      },\n      ");
    CHECK(written(KeptLines{}) == "\"output\": {\n        \"kept\": [],\n        \"dropped\": 0\n      },\n      ");
    CHECK(written(RunReport::OutputFile{"logs/a.log"}) ==
          "\"output\": {\n        \"file\": \"logs/a.log\"\n      },\n      ");
}

TEST_CASE("answers are kept once, and not without end") {
    AnswerHistory history;
    history.add(Millis{1}, "refused");
    history.add(Millis{2}, "503");
    history.add(Millis{3}, "refused");
    REQUIRE(history.entries().size() == 2);
    CHECK(history.entries()[0].at == Millis{1});
    CHECK(history.entries()[0].times == 2);
    for (int i = 0; i < 100; ++i) {
        history.add(Millis{i}, "answer " + std::to_string(i));
    }
    CHECK(history.entries().size() == AnswerHistory::most);
}

TEST_CASE("the table of --who is aligned") {
    PortHolder of_run = holder(8080, Pid{4711});
    of_run.run = {RunOfProcess::State::Alive, "b.1.2", Pid{4700}};
    CHECK(holder_table({}).empty());
    CHECK(holder_table({of_run, holder(80, Pid{})}) ==
          "ADDRESS         PID   USER  STARTED        VLMSHIM RUN      COMMAND\n"
          "127.0.0.1:8080  4711  lena  1 h 2 min ago  pid 4700, alive  serve\n"
          "127.0.0.1:80    -     lena  -              -                owner not visible because of this\n");
}

TEST_CASE("a holder as JSON") {
    JsonWriter json(JsonWriter::Layout::OneLine);
    PortHolder one = holder(8080, Pid{4711});
    one.run = {RunOfProcess::State::Dead, "b.1.2", Pid{}};
    write_holder(json.begin_object(), one);
    CHECK(json.end_object().text() ==
          R"({"port": 8080, "address": "127.0.0.1", "pid": 4711, "user": "lena", "command": "serve", )"
          R"("since": "1970-01-01T00:00:00.000Z", "run": {"id": "b.1.2", "state": "dead", "keeper": null}, )"
          R"("not_visible_because": null})");
}

TEST_CASE("why the holder is not visible") {
    CHECK(has(hidden_because({.table_was_read = false}), "bind"));
    CHECK(has(hidden_because({.has_inode = false, .user = "root"}), "kernel"));
    CHECK(has(hidden_because({.user = "lena", .refused = 9, .proc_hides = true}), "hidepid"));
    CHECK(hidden_because({.user = "lena", .refused = 9}) == "only lena and root may look into the processes of lena");
    CHECK(hidden_because({.user = "root", .refused = 9}) == "only root may look into the processes of root");
    CHECK(has(hidden_because({.user = "root"}), "PID namespace"));
}

TEST_CASE("root does not read that only root may") {
    using Viewer = HiddenFacts::Viewer;
    for (const Viewer viewer : {Viewer::Root, Viewer::RootWithoutTrace}) {
        for (const char* const user : {"root", "lena"}) {
            const std::string because = hidden_because({.user = user, .refused = 9, .viewer = viewer});
            CHECK_FALSE(has(because, "only"));
            CHECK(has(because, "another PID namespace"));
            CHECK(has(because, "CAP_SYS_PTRACE") == (viewer == Viewer::RootWithoutTrace));
        }
    }
    CHECK(has(hidden_because({.user = "lena", .refused = 9, .viewer = Viewer::Root}), "outside"));
    CHECK(hidden_because({.user = "root", .refused = 0, .viewer = Viewer::Root}) == hidden_because({.user = "root"}));
    CHECK(has(hidden_because({.user = "lena", .proc_hides = true, .viewer = Viewer::RootWithoutTrace}),
              "CAP_SYS_PTRACE"));
    CHECK_FALSE(has(hidden_because({.user = "lena", .proc_hides = true}), "CAP_SYS_PTRACE"));
}

TEST_CASE("a user does not read that he may look into his own processes") {
    CHECK(hidden_because({.user = "lena", .refused = 9, .viewer = HiddenFacts::Viewer::Owner}) ==
          "only root may look into those processes of lena that are not dumpable (prctl(2)); it may be in another PID "
          "namespace, too");
}

TEST_CASE("which holders --free ends") {
    using Verdict = FreeVerdict;
    const HolderFacts of_live_run{.visible = true, .of_live_run = true};
    CHECK(classify_to_free({.visible = true}, PortNamed::No) == Verdict::End);
    CHECK(classify_to_free({.visible = true, .of_dead_run = true}, PortNamed::No) == Verdict::End);
    CHECK(classify_to_free(of_live_run, PortNamed::No) == Verdict::OfLiveRun);
    CHECK(classify_to_free(of_live_run, PortNamed::Yes) == Verdict::End);
    for (const PortNamed named : {PortNamed::No, PortNamed::Yes}) {
        CHECK(classify_to_free({}, named) == Verdict::NotVisible);
        CHECK(classify_to_free({.visible = true, .self = true}, named) == Verdict::OwnAncestor);
        CHECK(classify_to_free({.visible = true, .ancestor_or_init = true, .of_dead_run = true}, named) ==
              Verdict::OwnAncestor);
        CHECK(classify_to_free({.visible = true, .spared = true, .of_live_run = true}, named) == Verdict::Spared);
    }
}

TEST_CASE("what --free has achieved") {
    FreeResult result;
    result.ports = {Port{80}, Port{8080}};
    result.ended = {{Pid{9}, "x", EndedHow::Killed}};
    CHECK(result.complete());
    result.stays.push_back({holder(80, Pid{}), "why"});
    CHECK_FALSE(result.complete());
    CHECK_FALSE(result.is_free(Port{80}));
    CHECK(result.is_free(Port{8080}));
    const std::string lines = json_lines(result);
    CHECK(has(lines, R"({"event": "ended", "pid": 9, "command": "x", "how": "killed"})"));
    CHECK(has(lines, R"("because": "why"})"));
    CHECK(has(lines, R"({"event": "port", "port": 80, "free": false})"));
    result.stays.clear();
    result.ended.front().how = EndedHow::Survived;
    CHECK_FALSE(result.complete());
}
