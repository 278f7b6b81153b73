#include <algorithm>
#include <utility>

#include "vlmshim/core/report/timeline.hpp"

namespace vlmshim {

namespace {

using Mark = TimelineMark::Kind;

/// What comes first within a millisecond, around the phase that begins in it.
int rank_of(Mark mark) {
    switch (mark) {
        case Mark::Signal:
            return 0;
        case Mark::Answer:
        case Mark::Ready:
        case Mark::End:
        case Mark::BadEnd:
            return 1;
        case Mark::Start:
        case Mark::Stop:
        case Mark::Kill:
            break;
    }
    return 3;
}

}  // namespace

/// Within a millisecond: what came to vlmshim, the phase that it began for that, what it did in it. A lane keeps its
/// order.
std::vector<TimelineEvent> events_of(const RunReport& report, const std::vector<Lane>& lanes) {
    constexpr int rank_of_phase = 2;
    struct Ranked {
        int rank;
        TimelineEvent event;
    };
    std::vector<Ranked> all;
    for (const RunReport::PhaseTime& phase : report.phases) {
        all.push_back({rank_of_phase, {phase.at, "phase", phase_name(phase.phase)}});
    }
    for (const Lane& lane : lanes) {
        const TimelineMark* before = nullptr;
        int rank = 0;
        for (const TimelineMark& mark : lane.marks) {
            const bool is_same_time = before != nullptr && before->at == mark.at;
            rank = is_same_time ? std::max(rank, rank_of(mark.kind)) : rank_of(mark.kind);
            all.push_back({rank, {mark.at, lane.name, mark.text}});
            before = &mark;
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Ranked& one, const Ranked& other) {
        return std::pair(one.event.at, one.rank) < std::pair(other.event.at, other.rank);
    });
    std::vector<TimelineEvent> events;
    for (const Ranked& one : all) {
        events.push_back(one.event);
    }
    return events;
}

}  // namespace vlmshim
