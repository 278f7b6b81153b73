// The summary of a run on GitHub Actions, row by row.
#include <doctest/doctest.h>

#include <algorithm>

#include "vlmshim/core/report/github.hpp"
#include "vlmshim/core/report/step_summary.hpp"
#include "vlmshim/core/values/markdown_text.hpp"

using namespace vlmshim;

namespace {

RunReport passed() {
    RunReport report;
    report.command = {"python", "vqa test.py"};
    report.duration = Millis{12'300};
    report.status = ExitStatus::exited(0);
    report.test = RunReport::Test{Pid{7}, Millis{1'300}, Millis{12'200}, ExitStatus::exited(0)};
    return report;
}

RunReport::Server server(std::string name) {
    RunReport::Server one;
    one.name = std::move(name);
    one.port = Port{8080};
    one.pid = Pid{6};
    one.started_at = Millis{100};
    one.ready_at = Millis{1'300};
    one.ended_at = Millis{12'250};
    one.status = ExitStatus::signaled(Signal{15});
    return one;
}

RunReport failed(ExitStatus status, Failure failure, std::string reason) {
    RunReport report = passed();
    report.status = status;
    report.cause = cause_of(failure);
    report.reason = std::move(reason);
    return report;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("nothing is said of a run that passed without a server and left nothing") {
    CHECK(step_summary(passed()).empty());
    RunReport left = passed();
    left.clean_up = "ended 1 process in 4 ms";
    CHECK(has(step_summary(left), "\n`ended 1 process in 4 ms`\n"));
    RunReport ended = passed();
    ended.ended_by = Signal{15};
    CHECK_FALSE(step_summary(ended).empty());
    RunReport failed = passed();
    failed.status = failed.test->status = ExitStatus::exited(1);
    CHECK_FALSE(step_summary(failed).empty());
}

TEST_CASE("the summary of a run that passed") {
    RunReport report = passed();
    report.servers = {server("smol_vlm")};
    report.phases = {{Phase::Testing, Millis{1'300}}, {Phase::Draining, Millis{12'200}}};
    report.clean_up = "ended smol_vlm (2 processes) in 40 ms, port 8080 is free";
    CHECK(step_summary(report) ==
          "### \u2705 vlmshim: Passed: the test exited with 0, after 12.3 s\n"
          "\n"
          "`python 'vqa test.py'`\n"
          "\n"
          "| | port | ready after | ran for | end |\n"
          "|---|---|---|---|---|\n"
          "| test | | | 10.9 s | exited with 0 |\n"
          "| `smol_vlm` | 8080 | 1.2 s | 12.2 s | ended with the run: was killed by SIGTERM |\n"
          "\n"
          "`ended smol_vlm (2 processes) in 40 ms, port 8080 is free`\n");
}

TEST_CASE("the heading says what happened, as the page does") {
    const ExitStatus own = ExitStatus::exited(125);
    const auto of = [](const RunReport& report) { return first_line(step_summary(report)); };
    CHECK(of(failed(ExitStatus::exited(124), Failure::TestTimedOut, "")) ==
          "### \u274c vlmshim: Timed out: the test ran longer than its time limit, after 12.3 s");
    CHECK(of(failed(own, Failure::ServerDied, "")) ==
          "### \u274c vlmshim: Error: a server ended too early (the test exited with 0), after 12.3 s");
    CHECK(of(failed(ExitStatus::signaled(Signal{2}), Failure::Interrupted, "")) ==
          "### \u26a0\ufe0f vlmshim: Interrupted: a signal ended the run before the test started, after 12.3 s");
    RunReport emphasised = failed(own, Failure::ServerDied, "");
    emphasised.servers = {server("__init__")};
    emphasised.blamed = ServerId{0};
    CHECK(has(of(emphasised), "server '\\_\\_init\\_\\_' was killed by SIGTERM"));
    RunReport refused;
    refused.status = own;
    refused.cause = Cause::Configuration;
    CHECK(of(refused) == "### \u274c vlmshim: Not started: the command line or the configuration is wrong");
}

TEST_CASE("why it failed, and what to do") {
    const ExitStatus own = ExitStatus::exited(125);
    CHECK(has(step_summary(failed(own, Failure::PortBusy, "port 8080 is busy: pid 9 (a | b)")),
              "\n`port 8080 is busy: pid 9 (a | b)`\n\n**What to do:** The reason names"));
    CHECK(
        has(step_summary(failed(own, Failure::KeeperLost, "")), "'vqa test.py'`\n\n**What to do:** Something sent it"));
    RunReport report;
    report.status = own;
    report.errors = {"one"};
    report.reason = "one";
    CHECK(has(step_summary(report), "\n\n`one`\n"));
    report.errors.emplace_back("two");
    CHECK(has(step_summary(report), "\n\n- `one`\n- `two`\n"));
    report.errors.resize(25, "x");
    const std::string many = step_summary(report);
    CHECK(many.ends_with("- `x`\n- 5 more\n"));
    CHECK(std::count(many.begin(), many.end(), '\n') == 1 + 1 + 21);
}

TEST_CASE("who cancelled the run") {
    RunReport report = failed(ExitStatus::signaled(Signal{15}), Failure::None, "");
    report.test->status = report.status;
    report.ended_by = Signal{15};
    report.signals = {{Millis{200}, Signal{15}, Pid{9}, "pid 9 (`runner`)"}};
    const std::string text = step_summary(report);
    CHECK(first_line(text) == "### \u26a0\ufe0f vlmshim: Interrupted: SIGTERM ended the run, after 12.3 s");
    CHECK(has(text, "\n**What to do:** See whether the job was cancelled"));
    CHECK(has(text, "\nEnded by ``SIGTERM from pid 9 (`runner`), at 200 ms``\n"));
}

TEST_CASE("the last lines of the server that is blamed, or of the only one") {
    RunReport report = failed(ExitStatus::exited(125), Failure::ServerDied, "");
    report.servers = {server("a"), server("b")};
    report.servers[0].output = KeptLines{{"all well"}, 0};
    report.servers[1].output = KeptLines{{"1", "2", "3", "4", "", "# no\tmemory", "`\x1b[2J"}, 0};
    CHECK_FALSE(has(step_summary(report), "Last output"));
    report.blamed = ServerId{1};
    CHECK(has(step_summary(report),
              "|\n\nLast output of `b`:\n\n    1\n    2\n    3\n    4\n    \n    # no\\tmemory\n    `\\x1b[2J\n"));
    report.blamed.reset();
    report.servers.pop_back();
    CHECK(has(step_summary(report), "|\n\nLast output of `a`:\n\n    all well\n"));
    report.status = report.test->status;
    report.cause = Cause::None;
    report.clean_up = "x";
    CHECK_FALSE(has(step_summary(report), "Last output"));
}

TEST_CASE("servers in the table") {
    RunReport report = passed();
    RunReport::Server reused = server("reused");
    reused.reused = true;
    reused.ended_at.reset();
    RunReport::Server never;
    never.name = "never";
    RunReport::Server lost = server("lost");
    lost.ready_at.reset();
    lost.status.reset();
    report.servers = {reused, never, lost};
    report.clean_up = "x";
    const std::string text = step_summary(report);
    CHECK(has(text, "\n| `reused` | 8080 | 1.2 s | | not started by this run: it was running before |\n"));
    CHECK(has(text, "\n| `never` | | | | not started |\n"));
    CHECK(has(text, "\n| `lost` | 8080 | | 12.2 s | |\n"));
    report.servers.resize(23, server("more"));
    CHECK(has(step_summary(report), "|\n| 3 more servers | | | | |\n\n"));
    report.test.reset();
    report.command.clear();
    CHECK_FALSE(has(step_summary(report), "test"));
}

TEST_CASE("a long command is cut between two arguments, not within a secret") {
    RunReport report = failed(ExitStatus::exited(1), Failure::None, "");
    report.command = {"run", "--temp=0", "a b"};
    CHECK(has(step_summary(report), "\n`run --temp=0 'a b'`\n"));  // quoted as in the log
    report.command = {"run", std::string(490, 'a'), "--token=secret", "b"};
    CHECK(has(step_summary(report), "\n`run " + std::string(490, 'a') + " ...`\n"));
    report.command = {std::string(600, 'p'), "x"};
    CHECK(has(step_summary(report), "\n`" + std::string(600, 'p') + " ...`\n"));
}

TEST_CASE("text of others in Markdown takes no effect, and stays findable") {
    struct Row {
        std::string text;
        std::string shown;
    };
    for (const Row& row : {
             Row{"", ""},
             Row{"a | b <b>@user #123 ![i](http://x) **x** &amp; \\",
                 "`a | b <b>@user #123 ![i](http://x) **x** &amp; \\`"},
             Row{"a`b", "``a`b``"},
             Row{"`", "`` ` ``"},
             Row{"``x```", "```` ``x``` ````"},
             Row{"a\nb\u202ec\x1b[1m", "`a\\nb\\u202ec\\x1b[1m`"},
             Row{"##[error]x", "`##\\[error]x`"},
         }) {
        CHECK(markdown_code(row.text) == row.shown);
    }
}

TEST_CASE("commands to the runner") {
    CHECK(github_error("50%\nx") == "::error title=vlmshim::50%25\\nx\n");
    CHECK(github_group("model: 50%") == "::group::model: 50%25\n");
    CHECK(github_group_end == "::endgroup::\n");
}
