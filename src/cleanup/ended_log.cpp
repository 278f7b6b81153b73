#include "vlmshim/cleanup/ended_log.hpp"

#include <algorithm>

namespace vlmshim {

void EndedLog::note(const ProcessIdentity& process, EndedHow how) {
    const auto stat = wanted() ? processes_.stat(process.pid) : std::nullopt;
    if (!stat || (stat->dead() && how != EndedHow::Survived)) {
        return;
    }
    const auto [entry, is_new] = ended_.try_emplace(process, EndedProcess{process.pid, {}, how});
    if (!is_new) {
        entry->second.how = std::max(entry->second.how, how);
    } else if (listed_.size() < most_listed) {
        entry->second.command = processes_.command_of(process.pid);
        listed_.push_back(process);
    }
}

std::vector<EndedProcess> EndedLog::list() const {
    std::vector<EndedProcess> list;
    for (const ProcessIdentity& process : listed_) {
        list.push_back(ended_.at(process));
    }
    return list;
}

}  // namespace vlmshim
