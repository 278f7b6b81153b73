// What happened when in a run: lanes for a picture, and the same as a list of events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/core/report/time_axis.hpp"

namespace vlmshim {

struct TimelineMark {
    enum class Kind { Start, Answer, Ready, Stop, Kill, End, BadEnd, Signal };

    Millis at;
    Kind kind;
    std::string text;
};

struct TimelineBar {
    enum class Kind {
        Waiting,  // started, not ready
        Running,
        Ending,  // it has got its stop signal
    };

    TimeWindow window;
    Kind kind;
};

struct Lane {
    enum class Kind { Server, Test, Process, Signals };

    Kind kind;
    std::string name;    // "server smolvlm"
    std::string detail;  // pid and command
    std::vector<TimelineBar> bars{};
    std::vector<TimelineMark> marks{};  // in the order of their times
};

/// A lane for each server, for the test, for the signals, and for each group of processes that had to be ended.
std::vector<Lane> lanes_of(const RunReport& report);

struct TimelineEvent {
    Millis at;
    std::string_view subject;  // the lane's name
    std::string_view text;
};

/// In the order of their times, with the phases. They refer to the lanes.
std::vector<TimelineEvent> events_of(const RunReport& report, const std::vector<Lane>& lanes);

/// A part of the run that is worth a picture of its own.
struct TimelineView {
    std::string title;
    TimeWindow window;
    Millis zero{0};  // the point that the axis counts from
};

/// The whole run, and magnified its start and its end where they are too short to be seen in that. Empty: nothing
/// happened.
std::vector<TimelineView> views_of(const RunReport& report, const std::vector<Lane>& lanes);

}  // namespace vlmshim
