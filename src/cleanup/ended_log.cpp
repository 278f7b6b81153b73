#include "vlmshim/cleanup/ended_log.hpp"

#include <algorithm>

namespace vlmshim {

void EndedLog::note(const os::ProcessIdentity& process, EndedHow how) {
    const auto [entry, is_new] = processes_.try_emplace(process, EndedProcess{process.pid, {}, how});
    if (!is_new) {
        entry->second.how = std::max(entry->second.how, how);
    } else if (listed_.size() < most_listed) {
        entry->second.command = os::describe_command(process.pid);
        listed_.push_back(process);
    }
}

std::vector<EndedProcess> EndedLog::list() const {
    std::vector<EndedProcess> list;
    for (const os::ProcessIdentity& process : listed_) {
        list.push_back(processes_.at(process));
    }
    return list;
}

}  // namespace vlmshim
