#include "vlmshim/cleanup/ended_log.hpp"

#include <algorithm>
#include <utility>

namespace vlmshim {

void EndedLog::test_is(Pid pid) {
    test_ = wanted() ? processes_.identify(pid) : std::nullopt;
}

void EndedLog::note(const ProcessIdentity& process, EndedHow how, const WhatItWas& what) {
    const auto stat = wanted() ? processes_.stat(process.pid) : std::nullopt;
    if (!stat || (stat->dead() && how != EndedHow::Survived)) {
        return;
    }
    const auto [found, is_new] = ended_.try_emplace(process, EndedProcess{process.pid, {}, how});
    EndedProcess& entry = found->second;
    entry.how = std::max(entry.how, how);
    if (is_new && listed_.size() < most_listed) {
        What it = process == test_ ? What{EndedWhy::Test} : what();
        entry.why = it.why;
        entry.server = std::move(it.server);
        entry.command = processes_.command_of(process.pid);
        listed_.push_back(process);
    }
    std::optional<Millis>* const at = how == EndedHow::Terminated ? &entry.asked_at
                                      : how == EndedHow::Killed   ? &entry.killed_at
                                                                  : nullptr;
    if (at != nullptr && !*at && since_start_) {
        *at = since_start_();
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
