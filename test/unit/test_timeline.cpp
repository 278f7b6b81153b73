// What happened when, for the page of a run.
#include <doctest/doctest.h>

#include <algorithm>

#include "vlmshim/core/report/ended_groups.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/report/timeline.hpp"

using namespace vlmshim;

namespace {

using Mark = TimelineMark::Kind;
using Bar = TimelineBar::Kind;

/// A server that is ready after 60 s, a test of 40 minutes, an end of 50 ms.
RunReport long_run() {
    RunReport report;
    report.status = ExitStatus::exited(3);
    report.command = {"python3", "a test.py"};
    report.duration = Millis{2'400'060};
    report.phases = {{Phase::Claiming, Millis{0}},
                     {Phase::Starting, Millis{2}},
                     {Phase::Testing, Millis{60'000}},
                     {Phase::Draining, Millis{2'400'010}},
                     {Phase::Verifying, Millis{2'400'058}}};
    RunReport::Server server{};
    server.name = "model";
    server.command = {"serve"};
    server.pid = Pid{11};
    server.started_at = Millis{3};
    server.answers.add(Millis{0}, "connection refused");
    server.answers.add(Millis{5}, "connection refused");
    server.answers.add(Millis{59'990}, "HTTP 200");
    server.ready_at = Millis{59'995};
    server.ended_at = Millis{2'400'050};
    server.status = ExitStatus::exited(0);
    report.servers = {server};
    report.test = RunReport::Test{Pid{12}, Millis{60'000}, Millis{2'400'009}, ExitStatus::exited(3)};
    report.ended = {{Pid{11}, "serve", EndedHow::Terminated, EndedWhy::Server, "model", Millis{2'400'011}, {}}};
    return report;
}

std::vector<std::string> texts(const Lane& lane) {
    std::vector<std::string> found;
    for (const TimelineMark& mark : lane.marks) {
        found.push_back(std::to_string(mark.at.count()) + " " + mark.text);
    }
    return found;
}

EndedProcess ended(int pid, const char* command, EndedHow how) {
    EndedProcess process{Pid{pid}, command, how};
    process.asked_at = Millis{100 + pid};
    return process;
}

}  // namespace

TEST_CASE("the lanes of a run") {
    const auto lanes = lanes_of(long_run());
    REQUIRE(lanes.size() == 2);
    CHECK(lanes[0].name == "server model");
    CHECK(lanes[0].detail == "pid 11: serve");
    CHECK(texts(lanes[0]) == std::vector<std::string>{"3 started", "3 connection refused (2 times)", "59993 HTTP 200",
                                                      "59995 ready", "2400011 stop signal", "2400050 exited with 0"});
    REQUIRE(lanes[0].bars.size() == 3);
    CHECK(lanes[0].bars[0].kind == Bar::Waiting);
    CHECK(lanes[0].bars[1].kind == Bar::Running);
    CHECK(lanes[0].bars[2].kind == Bar::Ending);
    CHECK(lanes[0].bars[2].window.from == Millis{2'400'011});
    CHECK(lanes[1].detail == "pid 12: python3 'a test.py'");
    CHECK(lanes[1].marks.back().kind == Mark::BadEnd);
}

TEST_CASE("a server that was never ready, was not started, or is another's") {
    RunReport report = long_run();
    report.servers[0].ready_at.reset();
    CHECK(lanes_of(report)[0].bars[0].kind == Bar::Waiting);
    CHECK(lanes_of(report)[0].bars[1].kind == Bar::Ending);
    report.servers[0] = {};
    report.servers[0].name = "model";
    CHECK(lanes_of(report)[0].detail == "not started");
    CHECK(lanes_of(report)[0].marks.empty());
    report.servers[0].reused = true;
    report.servers[0].started_at = Millis{1};
    CHECK(lanes_of(report)[0].detail == "not started by this run: it was running before");
}

TEST_CASE("processes that had to be ended are lanes, alike ones together") {
    RunReport report = long_run();
    for (int pid = 100; pid < 5'100; ++pid) {
        report.ended.push_back(ended(pid, "sleep 60", EndedHow::Killed));
        report.ended.back().killed_at = Millis{2'400'050};
    }
    report.ended.push_back({Pid{9'000}, "by itself", EndedHow::ByItself});
    report.ended.push_back(ended(9'001, "stays", EndedHow::Survived));
    const auto lanes = lanes_of(report);
    REQUIRE(lanes.size() == 4);
    CHECK(lanes[2].name == "stays");
    CHECK(lanes[2].marks.back().text == "still alive");
    CHECK(lanes[3].name == "sleep 60");
    CHECK(lanes[3].detail == "5000 processes, pids 100 to 5099, leftover");
    CHECK(texts(lanes[3]) == std::vector<std::string>{"200 stop signal", "2400050 SIGKILL"});
}

TEST_CASE("groups of ended processes") {
    auto groups = group_ended({ended(9, "a", EndedHow::ByItself), ended(3, "a", EndedHow::Killed),
                               ended(1, "a", EndedHow::Killed), ended(5, "b", EndedHow::Killed)});
    REQUIRE(groups.size() == 3);
    CHECK(groups[0].count == 2);
    CHECK(describe_pids(groups[0]) == "pids 1 to 3");
    CHECK(groups[0].first.asked_at == Millis{101});
    CHECK(describe_pids(groups[1]) == "pid 5");
    CHECK(groups[2].first.how == EndedHow::ByItself);
    EndedProcess of_server = ended(7, "a", EndedHow::Killed);
    of_server.why = EndedWhy::Server;
    of_server.server = "model";
    CHECK(group_ended({ended(3, "a", EndedHow::Killed), of_server}).size() == 2);
    CHECK(group_ended({}).empty());
}

TEST_CASE("a signal that repeats is one mark") {
    RunReport report;
    report.duration = Millis{50};
    for (int i = 0; i < 900; ++i) {
        report.signals.push_back({Millis{i}, Signal{28}, Pid{}, "the terminal"});
    }
    report.signals.push_back({Millis{900}, Signal{15}, Pid{7}, "pid 7 (kill)"});
    const auto lanes = lanes_of(report);
    REQUIRE(lanes.size() == 1);
    CHECK(texts(lanes[0]) ==
          std::vector<std::string>{"0 SIGWINCH from the terminal (900 times)", "900 SIGTERM from pid 7 (kill)"});
}

TEST_CASE("what is too short to be seen is magnified") {
    RunReport report = long_run();
    auto views = views_of(report, lanes_of(report));
    REQUIRE(views.size() == 3);
    CHECK(views[0].title == "The whole run: 40 min");
    CHECK(views[1].title == "Its start, magnified: 1 min");
    CHECK(views[1].window.from == Millis{0});
    CHECK(views[1].window.has(Millis{60'000}));
    CHECK(views[2].title == "Its end, magnified: 50 ms, from 40 min 0.010 s on");
    CHECK(views[2].zero == Millis{2'400'010});
    CHECK(views[2].window.has(Millis{2'400'009}));
    CHECK(views[2].window.to == report.duration);

    report.test->ended_at = report.phases[3].at = Millis{61'000};  // its start and its end can be seen
    report.duration = Millis{90'000};
    report.ended.clear();
    report.servers[0].ended_at = Millis{89'000};
    CHECK(views_of(report, lanes_of(report)).size() == 1);
    CHECK(views_of(RunReport{}, {}).empty());
}

TEST_CASE("within a millisecond the cause comes before the phase, and that before what is done in it") {
    RunReport report;
    report.status = ExitStatus::signaled(Signal{15});
    report.command = {"test"};
    report.duration = Millis{500};
    report.phases = {{Phase::Testing, Millis{300}}, {Phase::Stopping, Millis{400}}, {Phase::Draining, Millis{402}}};
    RunReport::Server server{};
    server.name = "model";
    server.pid = Pid{3};
    server.started_at = Millis{1};
    server.ready_at = Millis{300};
    server.ended_at = Millis{402};
    report.servers = {server};
    report.test = RunReport::Test{Pid{4}, Millis{300}, Millis{402}, ExitStatus::signaled(Signal{15})};
    report.signals = {{Millis{400}, Signal{15}, Pid{9}, "pid 9"}};
    report.ended = {{Pid{4}, "test", EndedHow::Terminated, EndedWhy::Test, "", Millis{400}},
                    {Pid{3}, "model", EndedHow::Terminated, EndedWhy::Server, "model", Millis{402}}};
    const std::vector<Lane> lanes = lanes_of(report);
    std::string order;
    for (const TimelineEvent& one : events_of(report, lanes)) {
        order += std::string(one.subject) + " " + std::string(one.text) + ", ";
    }
    CHECK(order ==
          "server model started, server model ready, phase testing, test started, signals SIGTERM from pid 9, "
          "phase stopping, test stop signal, test was killed by SIGTERM, phase draining, server model stop signal, "
          "server model ended, ");
}

TEST_CASE("events are in the order of their times") {
    const RunReport report = long_run();
    const auto events = events_of(report, lanes_of(report));
    CHECK(std::is_sorted(events.begin(), events.end(),
                         [](const auto& one, const auto& other) { return one.at < other.at; }));
    CHECK(events.front().subject == "phase");
    CHECK(events.front().text == "claiming");
    CHECK(events.size() == 5 + 6 + 2);
    CHECK(exact_time(Millis{2'400'010}) == "40 min 0.010 s");
    CHECK(exact_time(Millis{-1}) == "-");
    CHECK(exact_time(Millis{999}) == "999 ms");
    CHECK(exact_time(Millis{2'485}) == "2.485 s");
    CHECK(server_title("server") == "server");
}
