#include "vlmshim/cleanup/family.hpp"

#include <algorithm>
#include <unordered_set>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

std::vector<Descendant> Family::members() const {
    auto found = outside_of(scope_.strangers, processes_.descendants_of(processes_.self()));
    std::erase_if(found, [&](const Descendant& one) { return one.identity.pid == scope_.namespace_init; });
    if (needs_search()) {
        const auto escaped = processes_.escaped(found, scope_.cookie);
        found.insert(found.end(), escaped.begin(), escaped.end());
    }
    return found;
}

std::vector<Descendant> Family::living() const {
    auto found = members();
    std::erase_if(found, [](const Descendant& member) { return !member.lives(); });
    return found;
}

std::vector<Descendant> Family::look() {
    return counted(members());
}

std::vector<Descendant> Family::counted(std::vector<Descendant> found) {
    for (const Descendant& member : found) {
        if (member.lives()) {
            seen_.insert(member.identity);
        }
    }
    return found;
}

/// An orphan that comes to us while the lists are walked is on neither its old parent's nor, at that time, on ours.
std::vector<Descendant> Family::all_members() const {
    std::unordered_set<int> known;
    const auto look_once = [&] {
        auto found = members();
        for (const Descendant& member : found) {
            known.insert(member.identity.pid.value);
        }
        return found;
    };
    auto found = look_once();
    const auto is_missed = [&](Pid child) {
        const bool is_ours =
            child != scope_.namespace_init &&
            std::find(scope_.strangers.begin(), scope_.strangers.end(), child) == scope_.strangers.end();
        return is_ours && !known.contains(child.value);
    };
    for (int looks = 1; looks < most_looks_at_all && processes_.proc_is_ours(); ++looks) {
        const std::vector<Pid> children = processes_.own_children();
        if (std::none_of(children.begin(), children.end(), is_missed)) {
            break;
        }
        found = look_once();
    }
    return found;
}

std::vector<Descendant> Family::outside(const std::vector<ServerId>& servers) {
    return without(servers, counted(all_members()));
}

std::vector<Descendant> Family::without(const std::vector<ServerId>& servers, const std::vector<Descendant>& members) {
    std::vector<Descendant> found;
    for (const Ownership::Owned& member : ownership_.assign(members)) {
        const bool is_servers =
            member.server && std::find(servers.begin(), servers.end(), *member.server) != servers.end();
        if (!is_servers && member.process.lives()) {
            found.push_back(member.process);
        }
    }
    return found;
}

/// Living ones, none missed: what forks twice on its way into the background comes to us while it is looked for.
std::vector<Ownership::Owned> Family::owned() {
    std::vector<Descendant> found = all_members();
    std::erase_if(found, [](const Descendant& member) { return !member.lives(); });
    return ownership_.assign(found);
}

std::vector<Descendant> Family::of_server(ServerId server) {
    std::vector<Descendant> found;
    for (const Ownership::Owned& member : owned()) {
        if (member.server == server) {
            found.push_back(member.process);
        }
    }
    return found;
}

std::vector<Descendant> Family::roots_of(ServerId server) {
    std::vector<Descendant> roots;
    std::unordered_set<int> met;
    for (const Descendant& process : of_server(server)) {
        met.insert(process.identity.pid.value);
        if (!met.contains(process.parent.value)) {
            roots.push_back(process);
        }
    }
    return roots;
}

std::vector<Pid> Family::of_no_other_than(ServerId server) {
    std::vector<Pid> found;
    for (const Ownership::Owned& member : owned()) {
        if (!member.server || member.server == server) {
            found.push_back(member.process.identity.pid);
        }
    }
    return found;
}

void Family::adopt_unknown(ServerId server) {
    ownership_.adopt_unknown(server, all_members());
}

/// Who forks and exits all the time has no end that we are told of, and can have another number each time it is looked
/// for: a look proves something if nobody was forked meanwhile, and so do many.
bool Family::nobody_is_found() const {
    for (int looks = 0; looks < most_searches; ++looks) {
        const Pid before = processes_.newest_number();
        if (!living().empty()) {
            return false;
        }
        if (processes_.newest_number() == before) {
            return true;
        }
    }
    return true;
}

bool Family::is_empty(Children children) const {
    switch (children) {
        case Children::None:
            return !needs_search() || nobody_is_found();
        case Children::Some:
            // With children from before we were vlmshim, ECHILD never comes.
            return !scope_.strangers.empty() && living().empty();
    }
    return false;
}

void Family::note_before_test() {
    for (const Ownership::Owned& member : ownership_.assign(members())) {
        before_test_.insert(member.process.identity);
    }
}

std::vector<ProcessIdentity> Family::left_by_test(const std::vector<Descendant>& outside) const {
    std::vector<Pid> of_servers;
    for (const Descendant& member : outside) {
        if (ownership_.server_of(member.identity) || before_test_.contains(member.identity)) {
            of_servers.push_back(member.identity.pid);
        }
    }
    std::vector<ProcessIdentity> left;
    for (const Descendant& member : outside_of(of_servers, outside)) {
        left.push_back(member.identity);
    }
    return left;
}

}  // namespace vlmshim
