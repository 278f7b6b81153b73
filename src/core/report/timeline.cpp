#include "vlmshim/core/report/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "vlmshim/core/report/ended_groups.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

using Mark = TimelineMark::Kind;
using Bar = TimelineBar::Kind;

Millis end_of(const RunReport& report, const std::vector<Lane>& lanes) {
    Millis end = report.duration;
    for (const Lane& lane : lanes) {
        end = lane.marks.empty() ? end : std::max(end, lane.marks.back().at);
    }
    return end;
}

/// After those of the same time. Most come in order already.
void mark(Lane& lane, const std::optional<Millis>& at, Mark kind, std::string text) {
    if (!at) {
        return;
    }
    auto place = lane.marks.end();
    while (place != lane.marks.begin() && std::prev(place)->at > *at) {
        --place;
    }
    lane.marks.insert(place, {*at, kind, std::move(text)});
}

void mark_end(Lane& lane, const std::optional<Millis>& at, const std::optional<ExitStatus>& status) {
    const bool is_bad = status && !status->success();
    mark(lane, at, is_bad ? Mark::BadEnd : Mark::End, status ? describe(*status) : "ended");
}

void mark_stops(Lane& lane, const EndedProcess& process) {
    mark(lane, process.asked_at, Mark::Stop, "stop signal");
    mark(lane, process.killed_at, Mark::Kill, "SIGKILL");
}

std::string with_pid(Pid pid, const std::vector<std::string>& command) {
    const std::string number = pid.value == 0 ? "" : "pid " + std::to_string(pid.value);
    const std::string words = join_command(command);
    return joined({number, number.empty() || words.empty() ? "" : ": ", words});
}

std::string times(std::size_t count) {
    return count == 1 ? "" : " (" + count_of(count, "time") + ")";
}

/// The entry of a process among those that were there when the end began.
const EndedProcess* ended_entry(const RunReport& report, Pid pid, EndedWhy why) {
    const auto entry = std::find_if(report.ended.begin(), report.ended.end(), [&](const EndedProcess& process) {
        return process.pid == pid && process.why == why;
    });
    return pid.value == 0 || entry == report.ended.end() ? nullptr : &*entry;
}

/// One bar, which is cut where the process got its stop signal.
void add_bars(Lane& lane, TimeWindow window, Bar kind, const EndedProcess* stopped) {
    const std::optional<Millis> cut = stopped == nullptr  ? std::nullopt
                                      : stopped->asked_at ? stopped->asked_at
                                                          : stopped->killed_at;
    const Millis until = cut ? std::clamp(*cut, window.from, std::max(window.from, window.to)) : window.to;
    lane.bars.push_back({{window.from, until}, kind});
    if (until < window.to) {
        lane.bars.push_back({{until, window.to}, Bar::Ending});
    }
}

std::string lane_detail(const RunReport::Server& server) {
    const std::string_view why = why_not_started(server);
    return why.empty() ? with_pid(server.pid, server.command) : std::string(why);
}

Lane lane_of(const RunReport::Server& server, const RunReport& report) {
    Lane lane{Lane::Kind::Server, server_title(server.name), lane_detail(server)};
    if (!server.started_at) {
        return lane;
    }
    mark(lane, server.started_at, Mark::Start, server.reused ? "running already" : "started");
    for (const AnswerHistory::Entry& entry : server.answers.entries()) {
        mark(lane, *server.started_at + entry.at, Mark::Answer, entry.answer + times(entry.times));
    }
    mark(lane, server.ready_at, Mark::Ready, "ready");
    mark(lane, server.listener_lost_at, Mark::BadEnd, "stopped listening");
    const EndedProcess* const stopped = ended_entry(report, server.pid, EndedWhy::Server);
    if (stopped != nullptr) {
        mark_stops(lane, *stopped);
    }
    mark_end(lane, server.ended_at, server.status);
    const Millis end = server.ended_at.value_or(report.duration);
    const Millis ready = std::min(server.ready_at.value_or(end), end);
    if (ready > *server.started_at) {
        add_bars(lane, {*server.started_at, ready}, Bar::Waiting, server.ready_at ? nullptr : stopped);
    }
    if (server.ready_at) {
        add_bars(lane, {ready, end}, Bar::Running, stopped);
    }
    return lane;
}

Lane lane_of(const RunReport::Test& test, const RunReport& report) {
    Lane lane{Lane::Kind::Test, "test", with_pid(test.pid, report.command)};
    mark(lane, test.started_at, Mark::Start, "started");
    const EndedProcess* const stopped = ended_entry(report, test.pid, EndedWhy::Test);
    if (stopped != nullptr) {
        mark_stops(lane, *stopped);
    }
    mark_end(lane, test.ended_at, test.status);
    add_bars(lane, {test.started_at, test.ended_at.value_or(report.duration)}, Bar::Running, stopped);
    return lane;
}

std::string what_it_was(const EndedProcess& process) {
    return process.why == EndedWhy::Server ? server_title(process.server) : std::string(ended_why_name(process.why));
}

Lane lane_of(const EndedGroup& group, Millis end) {
    const EndedProcess& first = group.first;
    Lane lane{Lane::Kind::Process, first.command,
              joined({group.count == 1 ? "" : count_of(group.count, "process") + ", ", describe_pids(group), ", ",
                      what_it_was(first)})};
    mark_stops(lane, first);
    const Millis begin = first.asked_at ? *first.asked_at : *first.killed_at;
    if (first.how == EndedHow::Survived) {
        mark(lane, end, Mark::BadEnd, "still alive");
    }
    lane.bars.push_back(
        {{begin, first.how == EndedHow::Survived ? end : first.killed_at.value_or(begin)}, Bar::Ending});
    return lane;
}

/// A terminal may send SIGWINCH all day: the same signal from the same sender, one after the other, is one mark.
Lane lane_of(const std::vector<RunReport::SignalSeen>& signals) {
    Lane lane{Lane::Kind::Signals, "signals", "received by vlmshim"};
    for (std::size_t i = 0; i < signals.size();) {
        const RunReport::SignalSeen& first = signals[i];
        std::size_t count = 0;
        for (; i < signals.size() && signals[i].signal == first.signal && signals[i].from == first.from; ++i) {
            ++count;
        }
        mark(lane, first.at, Mark::Signal,
             joined({signal_name(first.signal), first.from.empty() ? "" : " from ", first.from, times(count)}));
    }
    return lane;
}

bool has_own_lane(const EndedProcess& process, const RunReport& report) {
    const bool is_main =
        std::any_of(report.servers.begin(), report.servers.end(), [&](const RunReport::Server& server) {
            return process.why == EndedWhy::Server && server.started_at && server.pid == process.pid;
        });
    const bool is_test = process.why == EndedWhy::Test && report.test && report.test->pid == process.pid;
    return (process.asked_at || process.killed_at) && !is_main && !is_test;
}

bool is_end(Phase phase) {
    return phase == Phase::Stopping || phase == Phase::Draining || phase == Phase::Killing || phase == Phase::Verifying;
}

}  // namespace

std::vector<Lane> lanes_of(const RunReport& report) {
    std::vector<Lane> lanes;
    for (const RunReport::Server& server : report.servers) {
        lanes.push_back(lane_of(server, report));
    }
    if (report.test) {
        lanes.push_back(lane_of(*report.test, report));
    }
    if (!report.signals.empty()) {
        lanes.push_back(lane_of(report.signals));
    }
    std::vector<EndedProcess> others;
    std::copy_if(report.ended.begin(), report.ended.end(), std::back_inserter(others),
                 [&](const EndedProcess& process) { return has_own_lane(process, report); });
    const Millis end = end_of(report, lanes);
    for (const EndedGroup& group : group_ended(others)) {
        lanes.push_back(lane_of(group, end));
    }
    return lanes;
}

std::vector<TimelineView> views_of(const RunReport& report, const std::vector<Lane>& lanes) {
    const bool has_marks =
        std::any_of(lanes.begin(), lanes.end(), [](const Lane& lane) { return !lane.marks.empty(); });
    const Millis end = end_of(report, lanes);
    if (!has_marks || end <= Millis{0}) {
        return {};
    }
    std::vector<TimelineView> views{{"The whole run: " + describe_duration(end), {Millis{0}, end}}};
    const auto is_worth_it = [&](Millis length) {
        constexpr int too_short_to_see = 6;  // of so many parts of the picture
        return length > Millis{1} && length < end / too_short_to_see;
    };
    const bool waited = std::any_of(report.servers.begin(), report.servers.end(),
                                    [](const RunReport::Server& server) { return server.started_at.has_value(); });
    if (waited && report.test && is_worth_it(report.test->started_at)) {
        const Millis started = report.test->started_at;
        views.push_back({"Its start, magnified: " + describe_duration(started), {Millis{0}, started + started / 10}});
    }
    const auto last = std::find_if(report.phases.begin(), report.phases.end(),
                                   [](const RunReport::PhaseTime& phase) { return is_end(phase.phase); });
    if (last != report.phases.end() && is_worth_it(end - last->at)) {
        const Millis length = end - last->at;
        views.push_back(
            {joined({"Its end, magnified: ", describe_duration(length), ", from ", exact_time(last->at), " on"}),
             {std::max(Millis{0}, last->at - length / 10 - Millis{1}), end},
             last->at});
    }
    return views;
}

}  // namespace vlmshim
