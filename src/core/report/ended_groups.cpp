#include "vlmshim/core/report/ended_groups.hpp"

#include <algorithm>

#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

void take_earlier(std::optional<Millis>& time, const std::optional<Millis>& other) {
    if (other && (!time || *other < *time)) {
        time = other;
    }
}

bool are_alike(const EndedProcess& one, const EndedProcess& other) {
    return one.how == other.how && one.why == other.why && one.server == other.server && one.command == other.command;
}

void add(std::vector<EndedGroup>& groups, const EndedProcess& process) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const EndedGroup& one) { return are_alike(one.first, process); });
    if (group == groups.end()) {
        groups.push_back({process, 1, process.pid, process.pid});
        return;
    }
    ++group->count;
    group->lowest = std::min(group->lowest, process.pid);
    group->highest = std::max(group->highest, process.pid);
    take_earlier(group->first.asked_at, process.asked_at);
    take_earlier(group->first.killed_at, process.killed_at);
}

}  // namespace

std::vector<EndedGroup> group_ended(const std::vector<EndedProcess>& ended) {
    std::vector<EndedGroup> groups;
    for (const EndedHow how : {EndedHow::Survived, EndedHow::Killed, EndedHow::Terminated, EndedHow::ByItself}) {
        for (const EndedProcess& process : ended) {
            if (process.how == how) {
                add(groups, process);
            }
        }
    }
    return groups;
}

std::string describe_pids(const EndedGroup& group) {
    const std::string lowest = std::to_string(group.lowest.value);
    return group.count == 1 ? joined({"pid ", lowest})
                            : joined({"pids ", lowest, " to ", std::to_string(group.highest.value)});
}

}  // namespace vlmshim
