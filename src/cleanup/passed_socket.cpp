#include "vlmshim/cleanup/passed_socket.hpp"

#include <algorithm>
#include <iterator>

namespace vlmshim {

namespace {

bool contains(const std::vector<Pid>& pids, Pid pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

bool is_below_one_of(const Processes& processes, const std::vector<Pid>& pids, Pid pid) {
    return processes.find_ancestor(pid, [&](const ProcStat& ancestor) { return contains(pids, ancestor.pid); })
        .has_value();
}

}  // namespace

std::vector<Pid> holders_passed_to(const Processes& processes, const Listener& listener,
                                   const std::vector<Pid>& holders) {
    const bool by_activation = std::any_of(holders.begin(), holders.end(), [&](Pid pid) {
        return pid.value == 1 || (pid != processes.self() && processes.is_self_or_ancestor(pid));
    });
    if (by_activation || !listener.uid) {
        return holders;
    }
    if (*listener.uid == 0) {
        return {};
    }
    std::vector<Pid> rightful;
    std::copy_if(holders.begin(), holders.end(), std::back_inserter(rightful), [&](Pid pid) {
        const auto uids = processes.uids_of(pid);
        return uids && uids->has(*listener.uid);
    });
    std::vector<Pid> passed_to;
    std::copy_if(holders.begin(), holders.end(), std::back_inserter(passed_to),
                 [&](Pid pid) { return !contains(rightful, pid) && !is_below_one_of(processes, rightful, pid); });
    return passed_to;
}

}  // namespace vlmshim
