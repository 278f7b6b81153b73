// The report of a run as a page.
#include <doctest/doctest.h>

#include <set>

#include "vlmshim/core/report/page.hpp"
#include "vlmshim/core/report/run_words.hpp"

using namespace vlmshim;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

RunReport ended_with(ExitStatus status, std::optional<ExitStatus> test, Cause cause = Cause::None) {
    RunReport report;
    report.status = status;
    report.cause = cause;
    report.command = {"test"};
    report.duration = Millis{500};
    if (test) {
        report.test = RunReport::Test{Pid{7}, Millis{100}, Millis{400}, test};
    }
    return report;
}

RunReport::Server server_that_wrote(const std::string& name, std::vector<std::string> lines) {
    RunReport::Server server{};
    server.name = name;
    server.pid = Pid{11};
    server.started_at = Millis{3};
    server.output = KeptLines{std::move(lines), 0};
    return server;
}

constexpr auto code = [](int value) { return ExitStatus::exited(value); };

}  // namespace

TEST_CASE("the headline says what happened") {
    struct Row {
        RunReport report;
        const char* headline;
    };
    const ExitStatus killed = ExitStatus::signaled(Signal{9});
    RunReport of_keeper = ended_with(code(125), std::nullopt, Cause::SupervisorKilled);
    of_keeper.written_by = ReportWriter::Keeper;
    const Row rows[] = {
        {RunReport{}, "Not finished: the run was still going on when this was written"},
        {ended_with(code(0), code(0)), "Passed: the test exited with 0"},
        {ended_with(code(0), std::nullopt), "Passed: the servers ran until a signal ended the run"},
        {ended_with(code(3), code(3)), "Failed: the test exited with 3"},
        {ended_with(code(3), code(3), Cause::NotCleaned),
         "Failed: the test exited with 3, and not everything could be ended"},
        {ended_with(killed, killed), "Failed: the test was killed by SIGKILL"},
        {ended_with(code(124), code(0), Cause::TestTimedOut), "Timed out: the test ran longer than its time limit"},
        {ended_with(killed, std::nullopt, Cause::Interrupted),
         "Interrupted: a signal ended the run before the test started"},
        {ended_with(code(125), std::nullopt, Cause::PortBusy), "Test not run: a port that the run needs is in use"},
        {ended_with(code(125), code(0), Cause::NotCleaned),
         "Error: not everything could be ended (the test exited with 0)"},
        {of_keeper, "Error: the process of vlmshim that supervises the run was killed"},
    };
    for (const Row& row : rows) {
        CHECK(headline(row.report) == row.headline);
        CHECK(has(to_page(row.report), "<h1>" + std::string(row.headline) + "</h1>"));
    }
}

TEST_CASE("every cause has its words and its advice") {
    std::set<std::string> headlines;
    std::set<std::string> advices;
    constexpr int last = static_cast<int>(Cause::SupervisorFailed);
    for (int i = 1; i <= last; ++i) {
        const auto cause = static_cast<Cause>(i);
        CAPTURE(cause_name(cause));
        const RunReport report = ended_with(code(125), std::nullopt, cause);
        headlines.insert(headline(report));
        advices.insert(advice(report));
        CHECK_FALSE(has(headline(report), "no test ran"));
        CHECK_FALSE(advice(report).empty());
        CHECK(has(to_page(report), "What to do:"));
    }
    CHECK(headlines.size() == last);
    CHECK(advices.size() == last);
}

TEST_CASE("what to do about a failure of the test itself, and when there is nothing to do") {
    RunReport report = ended_with(code(3), code(3));
    CHECK(has(advice(report), "The test itself failed"));
    CHECK_FALSE(has(advice(report), "servers"));
    report.servers = {server_that_wrote("model", {})};
    CHECK(has(advice(report), "servers"));
    CHECK(advice(ended_with(code(0), code(0))).empty());
}

TEST_CASE("a signal that ended the run is named with its sender, another one is not") {
    RunReport report = ended_with(code(3), code(3));
    report.signals = {{Millis{100}, Signal{10}, Pid{8}, "pid 8 (test)"},
                      {Millis{200}, Signal{15}, Pid{9}, "pid 9 (kill)"}};
    CHECK(ending_signal(report) == nullptr);
    CHECK(describe_ending_signal(report).empty());
    CHECK(headline(report) == "Failed: the test exited with 3");
    report.ended_by = Signal{15};
    CHECK(headline(report) == "Interrupted: SIGTERM ended the run, the test exited with 3");
    CHECK(has(advice(report), "sender"));
    CHECK(has(to_page(report), "SIGTERM from pid 9 (kill), at 200 ms"));
    report.status = report.test->status = ExitStatus::signaled(Signal{15});
    CHECK(headline(report) == "Interrupted: SIGTERM ended the run");
    CHECK(describe_status(report) == "SIGTERM; a shell shows 143");
    report.status = report.test->status = code(3);
    report.cause = Cause::Leftovers;
    CHECK(has(advice(report), "reap"));
    CHECK(headline(report) ==
          "Interrupted: SIGTERM ended the run, the test exited with 3, and the test left processes behind");
    report.cause = Cause::Interrupted;
    report.test.reset();
    CHECK(headline(report) == "Interrupted: SIGTERM ended the run before the test started");
    report.signals.clear();  // of very many not all are kept
    CHECK(ending_signal(report) == nullptr);
}

TEST_CASE("a signal that ended a run which passed, or had no test") {
    RunReport passed = ended_with(code(0), code(0));
    passed.ended_by = Signal{15};
    CHECK(headline(passed) == "Passed: SIGTERM ended the run, the test exited with 0");
    passed.test.reset();
    CHECK(headline(passed) == "Passed: the servers ran until SIGTERM ended the run");
    RunReport hung_up = ended_with(ExitStatus::signaled(Signal{1}), std::nullopt);
    hung_up.ended_by = Signal{1};
    CHECK(headline(hung_up) == "Interrupted: the servers ran until SIGHUP ended the run");
    CHECK(has(advice(hung_up), "sender"));
}

TEST_CASE("a status of 125 that is ours, though the test's is 125 too") {
    const RunReport report = ended_with(code(125), code(125), Cause::ServerDied);
    CHECK(headline(report) == "Error: a server ended too early (the test exited with 125)");
    CHECK(has(describe_status(report), "not the test's own"));
    CHECK(headline(ended_with(code(125), code(125))) == "Failed: the test exited with 125");
}

TEST_CASE("what the exit status means") {
    CHECK(describe_status(RunReport{}) == "none yet");
    CHECK(describe_status(ended_with(code(0), code(0))) == "0: success");
    CHECK(describe_status(ended_with(code(3), code(3))) == "3: the test's own");
    CHECK(describe_status(ended_with(code(124), code(0))) == "124: the test ran past its time limit");
    CHECK(has(describe_status(ended_with(code(125), std::nullopt)), "not the test's own"));
    CHECK(has(describe_status(ended_with(code(126), std::nullopt)), "not executable"));
    CHECK(has(describe_status(ended_with(code(127), std::nullopt)), "not found"));
    const ExitStatus interrupted = ExitStatus::signaled(Signal{2});
    CHECK(describe_status(ended_with(interrupted, interrupted)) == "SIGINT, the test's own; a shell shows 130");
    CHECK(describe_status(ended_with(interrupted, std::nullopt)) == "SIGINT; a shell shows 130");
}

TEST_CASE("the output of the server that failed is open, its last words are above") {
    RunReport report = ended_with(code(125), std::nullopt, Cause::ServerDied);
    report.blamed = ServerId{1};
    report.servers = {server_that_wrote("good", {"all well"}), server_that_wrote("bad", {"no memory"})};
    const std::string page = to_page(report);
    CHECK(headline(report) == "Test not run: server 'bad' ended too early");
    report.command.clear();  // a run that only serves
    CHECK(headline(report) == "Not started: server 'bad' ended too early");
    report.phases = {{Phase::Serving, Millis{200}}};
    CHECK(headline(report) == "Error: server 'bad' ended too early");
    report.servers[1].status = ExitStatus::signaled(Signal{6});
    CHECK(headline(report) == "Error: server 'bad' aborted with SIGABRT");
    report.servers[1].status = ExitStatus::signaled(Signal{11});
    CHECK(headline(report) == "Error: server 'bad' was killed by SIGSEGV");
    CHECK(has(page, "<h2>Last output of server bad</h2><pre>no memory\n</pre>"));
    CHECK(has(page, "<details open=\"\"><summary>Output: 1 line</summary><pre>no memory\n"));
    CHECK(has(page, "<details><summary>Output: 1 line</summary><pre>all well\n"));
    RunReport passed = ended_with(code(0), code(0));
    passed.servers = {server_that_wrote("good", {"all well"})};
    CHECK(has(to_page(passed), "<details><summary>Output: 1 line</summary>"));
    CHECK_FALSE(has(to_page(passed), "Last output"));
}

TEST_CASE("a test that the death of a server ended, and one that had ended itself") {
    RunReport report = ended_with(code(125), ExitStatus::signaled(Signal{15}), Cause::ServerDied);
    report.blamed = ServerId{0};
    report.servers = {server_that_wrote("model", {})};
    report.servers[0].status = code(1);
    report.phases = {{Phase::Testing, Millis{100}}, {Phase::Stopping, Millis{400}}};
    CHECK(headline(report) == "Error: server 'model' exited with 1 (the test was ended)");
    CHECK(has(advice(report), "its log may not show a failure"));
    report.phases[1].at = Millis{401};
    CHECK_FALSE(has(advice(report), "its log"));
    CHECK(has(advice(report), "send it what the test had sent"));
    CHECK(headline(report) == "Error: server 'model' exited with 1 (the test was killed by SIGTERM)");
    report.phases[1] = {Phase::Draining, Millis{400}};
    CHECK(headline(report) == "Error: server 'model' exited with 1 (the test was killed by SIGTERM)");
}

TEST_CASE("of a server that failed more is shown than of the only one: an assertion stands above its backtrace") {
    RunReport report = ended_with(code(3), code(3));
    report.servers = {server_that_wrote("model", {})};
    KeptLines& kept = std::get<KeptLines>(report.servers[0].output);
    for (int i = 1; i <= 25; ++i) {
        kept.lines.push_back(std::to_string(i));
    }
    CHECK(last_words(report).front() == "20");
    CHECK(has(to_page(report), "25\n</pre><p class=\"note\"><a href=\"#server-1\">More of its output</a></p>"));
    CHECK(has(to_page(report), "<h3 id=\"server-1\">model</h3>"));
    report.blamed = ServerId{0};
    CHECK(last_words(report).front() == "6");
    kept.lines.resize(20);
    CHECK(last_words(report).front() == "1");
    CHECK_FALSE(has(to_page(report), "More of its output"));
}

TEST_CASE("the reason is not told once more as an error") {
    RunReport report = ended_with(code(125), std::nullopt, Cause::PortBusy);
    report.reason = "port 1 is busy";
    report.warnings = {{Millis{9}, "port 1 is busy (exit status 125)", LogLevel::Error}};
    CHECK_FALSE(has(to_page(report), "Warnings and errors"));
    report.cause = Cause::ServerDied;
    report.servers = {server_that_wrote("model", {})};
    report.servers[0].status = code(1);
    report.blamed = ServerId{0};
    report.warnings.push_back({Millis{8}, "model: exited with 1 while the test was running", LogLevel::Error});
    CHECK_FALSE(has(to_page(report), "Warnings and errors"));
    report.warnings.insert(report.warnings.begin(), {Millis{4}, "slow", LogLevel::Warning});
    CHECK(has(to_page(report), "<h2>Warnings and errors</h2><ul><li>4 ms: slow</li>\n</ul>"));
}

TEST_CASE("a test that ran too long may have waited for a server, if there was one") {
    RunReport report = ended_with(code(124), code(0), Cause::TestTimedOut);
    CHECK_FALSE(has(advice(report), "hang"));
    report.servers = {server_that_wrote("model", {})};
    CHECK(has(advice(report), "did a server hang?"));
}

TEST_CASE("options and keys of an advice are code: they are not broken at their hyphens") {
    CHECK(has(to_page(ended_with(code(124), code(0), Cause::TestTimedOut)), "raise <code>--timeout</code>, or"));
    CHECK(has(to_page(ended_with(code(125), std::nullopt, Cause::ServerNotOurs)),
              "<code>port = &quot;auto&quot;</code>."));
}

TEST_CASE("a server that was killed by SIGKILL: by whom is a guess that needs a test") {
    RunReport report = ended_with(code(125), std::nullopt, Cause::ServerDied);
    report.servers = {server_that_wrote("model", {})};
    report.blamed = ServerId{0};
    report.servers[0].status = code(1);
    CHECK_FALSE(has(advice(report), "SIGKILL"));
    for (const ExitStatus killed : {ExitStatus::signaled(Signal{9}), code(137)}) {
        report.servers[0].status = killed;
        CHECK(has(advice(report), "SIGKILL"));
        CHECK_FALSE(has(advice(report), "the test itself"));
    }
    report.test = RunReport::Test{Pid{7}, Millis{100}, Millis{400}, code(1)};
    CHECK(has(advice(report), "or the test itself ended it"));
    CHECK_FALSE(has(advice(report), "run its command"));
}

TEST_CASE("where lines of the output are left out is said") {
    RunReport report = ended_with(code(0), code(0));
    report.servers = {server_that_wrote("model", std::vector<std::string>(12, "line"))};
    std::get<KeptLines>(report.servers[0].output).dropped = 70;
    const std::string page = to_page(report);
    CHECK(has(page, "Output: 12 lines, 70 between them left out"));
    CHECK(has(page, "line\n(70 lines left out)\nline\nline\n</pre>"));
}

TEST_CASE("text of others stays text") {
    const std::string evil = "</style></title><script>alert('1')</script>\x1b[2J\xe2\x80\xae\"&amp;";
    RunReport report = ended_with(code(3), code(3));
    report.run = report.config_file = report.reason = report.config_text = evil;
    report.command = {evil};
    RunReport::Server server = server_that_wrote(evil, {evil});
    server.command = {evil};
    server.probe = evil;
    server.answers.add(Millis{1}, evil);
    server.listening = RunReport::Listening{Pid{1}, evil, {evil}};
    report.servers = {server, server};
    report.servers[1].output = RunReport::OutputFile{evil};
    report.signals = {{Millis{1}, Signal{15}, Pid{1}, evil}};
    report.ended = {{Pid{1}, evil, EndedHow::Killed, EndedWhy::Server, evil, Millis{1}, Millis{2}}};
    report.warnings = {{Millis{1}, evil}};
    report.strangers = {{Millis{1}, evil, evil}};
    report.slow_readers = {{evil, 3}};
    report.environment.vlmshim = report.environment.kernel = report.environment.machine = evil;
    PortHolder holder{};
    holder.pid = Pid{3};
    holder.user = holder.command = evil;
    PortHolder hidden{};
    hidden.not_visible_because = evil;
    report.ports_before = report.ports_after = {holder, hidden};
    for (const bool with_errors : {false, true}) {
        report.errors = with_errors ? std::vector<std::string>{evil, evil} : std::vector<std::string>{};
        const std::string page = to_page(report);
        CHECK_FALSE(has(page, "<script"));
        CHECK_FALSE(has(page, "alert('1')"));
        CHECK_FALSE(has(page, "\x1b"));
        CHECK_FALSE(has(page, "\xe2\x80\xae"));
        CHECK_FALSE(has(page, "{}"));  // a value was forgotten
        CHECK(page.find("</style>") == page.rfind("</style>"));
        CHECK(page.find("</title>") < page.find("<style>"));
    }
}

TEST_CASE("many warnings do not push the timeline away") {
    RunReport report = ended_with(code(0), code(0));
    for (int i = 0; i < 9; ++i) {
        report.warnings.push_back({Millis{i}, "it is late"});
    }
    const std::string page = to_page(report);
    CHECK(has(page, "<li>5 ms: it is late</li>\n</ul><details><summary>3 more</summary><ul><li>6 ms"));
    report.warnings.resize(6);
    CHECK_FALSE(has(to_page(report), "more</summary>"));
}

TEST_CASE("5,000 ended processes") {
    RunReport report = ended_with(code(0), code(0));
    for (int pid = 1; pid <= 5'000; ++pid) {
        report.ended.push_back({Pid{pid}, "sleep 60", EndedHow::Killed, EndedWhy::Leftover, "", Millis{1}, Millis{2}});
    }
    report.ended_total = 7'000;
    std::string page = to_page(report);
    CHECK(page.size() < 20'000);
    CHECK(has(page, "<td>5000: pids 1 to 5000</td><td>leftover</td><td>stop signal at 1 ms, SIGKILL at 2 ms</td>"));
    CHECK(has(page, "2000 more processes not listed"));
    for (EndedProcess& process : report.ended) {
        process.command = std::string(4'000, '\'') + std::to_string(process.pid.value);
    }
    page = to_page(report);
    CHECK(page.size() < 1'000'000);
    CHECK(has(page, "6900 more processes not listed"));
}

TEST_CASE("16,000 listeners on one port") {
    RunReport report = ended_with(code(0), code(0));
    report.ports_before = report.ports_after = std::vector<PortHolder>(16'000);
    const std::string page = to_page(report);
    CHECK(page.size() < 50'000);
    const std::string_view lost = "<p>15900 listeners more are not listed.</p>";
    CHECK(page.find(lost) != page.rfind(lost));
    CHECK(has(page, lost));
    report.ports_before = report.ports_after = std::vector<PortHolder>(100);
    CHECK_FALSE(has(to_page(report), "not listed"));
}

TEST_CASE("a long name of a server") {
    RunReport report = ended_with(code(0), code(0));
    report.ended = {{Pid{1}, "a", EndedHow::Killed, EndedWhy::Server, std::string(50'000, 'x')}};
    CHECK(to_page(report).size() < 20'000);
}

TEST_CASE("a run that goes on was not cleaned up") {
    RunReport report = ended_with(code(0), code(0));
    CHECK(has(to_page(report), "<dt>Clean-up</dt>"));
    report.status.reset();
    CHECK_FALSE(has(to_page(report), "<dt>Clean-up</dt>"));
}

TEST_CASE("what was cleaned up") {
    RunReport report = ended_with(code(0), code(0));
    CHECK(describe_clean_up(report) == "nothing was left to end");
    report.ended = {{Pid{1}, "a", EndedHow::Killed}, {Pid{2}, "b", EndedHow::Terminated, EndedWhy::Test}};
    report.ports = {Port{8080}, auto_port};
    report.ports_after = std::vector<PortHolder>{};
    CHECK(describe_clean_up(report) ==
          "2 processes ended, 1 left behind by the test, 1 ended by SIGKILL; port 8080 is free");
    report.ended[1].how = EndedHow::Survived;
    report.ended_total = 5;
    PortHolder holder{};
    holder.listener.port = Port{8080};
    report.ports_after = {holder, holder};
    CHECK(describe_clean_up(report) ==
          "5 processes ended, 1 of those listed left behind by the test, 1 of those listed ended by SIGKILL, 1 of "
          "those listed could not be ended; "
          "port 8080 is still in use");
}

TEST_CASE("ports that nobody used are one line, which names them") {
    RunReport report = ended_with(code(0), code(0));
    report.ports = {Port{8080}, auto_port, Port{8081}};
    report.ports_before = report.ports_after = std::vector<PortHolder>{};
    CHECK(has(to_page(report), "<p>No process listened on ports 8080, 8081 before the run, and none after it.</p>"));
    report.ports = {auto_port};  // nothing to name
    CHECK(has(to_page(report), "<h3>Before the run</h3><p>No process listened.</p>"));
    report.ports = {Port{8080}};
    report.ports_after->emplace_back();
    CHECK(has(to_page(report), "<h3>Before the run</h3><p>No process listened.</p>"));
}

TEST_CASE("the life of a server") {
    RunReport report;
    report.phases = {{Phase::Testing, Millis{1'300}}, {Phase::Draining, Millis{4'000}}};
    RunReport::Server server = server_that_wrote("model", {});
    server.answers.add(Millis{1}, "HTTP 503");
    CHECK(life_of(report, server) == "started at 3 ms, never ready (last new answer: HTTP 503)");
    server.ready_at = Millis{1'203};
    server.listener_lost_at = Millis{2'000};
    server.ended_at = Millis{4'100};
    server.status = ExitStatus::signaled(Signal{11});
    CHECK(life_of(report, server) ==
          "started at 3 ms, ready after 1.2 s, stopped listening at 2.000 s, ended with the run: was killed by SIGSEGV "
          "at 4.100 s");
    report.phases.pop_back();
    CHECK(has(life_of(report, server), ", was killed by SIGSEGV at 4.100 s"));
    server.reused = true;  // busy = "reuse", or a server that is not the run's to start
    CHECK(life_of(report, server) == "not started by this run: it was running before");
    server.reused = false;
    server.started_at.reset();
    CHECK(life_of(report, server) == "not started");
}

TEST_CASE("a server that is blamed has ended by itself, in the same millisecond or not") {
    RunReport report = ended_with(code(125), code(1), Cause::ServerDied);
    report.phases = {{Phase::Testing, Millis{100}}, {Phase::Draining, Millis{400}}};
    report.servers = {server_that_wrote("good", {}), server_that_wrote("bad", {})};
    for (RunReport::Server& server : report.servers) {
        server.ended_at = Millis{400};
        server.status = code(0);
    }
    report.blamed = ServerId{1};
    CHECK(how_it_ended(report, report.servers[0]) == "ended with the run: exited with 0");
    CHECK(how_it_ended(report, report.servers[1]) == "exited with 0");
    report.servers[0].ended_at = Millis{399};
    CHECK(how_it_ended(report, report.servers[0]) == "exited with 0");
    report.cause = Cause::ServerNotReady;  // vlmshim gave it up, and ended it
    CHECK(how_it_ended(report, report.servers[1]) == "ended with the run: exited with 0");
}

TEST_CASE("a report that lacks nearly everything is a page too") {
    RunReport report = ended_with(code(125), std::nullopt, Cause::Configuration);
    report.written_by = ReportWriter::StartUp;
    report.errors = {"first", "second"};
    report.reason = "first";
    const std::string page = to_page(report);
    CHECK(has(page, "<li>first</li><li>second</li>"));
    CHECK_FALSE(has(page, "<svg"));
    CHECK_FALSE(has(page, "Clean-up"));
    CHECK_FALSE(has(page, "<h2>Servers"));
    CHECK_FALSE(has(to_page(RunReport{}), "<svg"));
}
