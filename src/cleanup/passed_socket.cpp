#include "vlmshim/cleanup/passed_socket.hpp"

#include <algorithm>
#include <iterator>

namespace vlmshim {

namespace {

bool contains(const std::vector<Pid>& pids, Pid pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

bool is_below_one_of(const Processes& processes, const std::vector<Pid>& pids, Pid pid) {
    constexpr int deepest = 100'000;  // a chain that changes while it is read could lead round
    auto stat = processes.stat(pid);
    for (int depth = 0; stat && stat->parent.value > 0 && depth < deepest; ++depth) {
        if (contains(pids, stat->parent)) {
            return true;
        }
        stat = processes.stat(stat->parent);
    }
    return false;
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
    std::vector<Pid> honest;
    std::copy_if(holders.begin(), holders.end(), std::back_inserter(honest), [&](Pid pid) {
        const auto uids = processes.uids_of(pid);
        return uids && uids->has(*listener.uid);
    });
    std::vector<Pid> passed_to;
    std::copy_if(holders.begin(), holders.end(), std::back_inserter(passed_to),
                 [&](Pid pid) { return !contains(honest, pid) && !is_below_one_of(processes, honest, pid); });
    return passed_to;
}

}  // namespace vlmshim
