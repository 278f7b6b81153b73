#include "vlmshim/cleanup/family.hpp"

#include <algorithm>
#include <unordered_set>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

namespace {

std::vector<Descendant> only_living(std::vector<Descendant> members) {
    std::erase_if(members, [](const Descendant& member) { return !member.lives(); });
    return members;
}

}  // namespace

std::vector<Descendant> Family::members() const {
    auto found = outside_of(scope_.inherited_children, processes_.descendants_of(processes_.self()));
    std::erase_if(found, [&](const Descendant& one) { return one.identity.pid == scope_.namespace_init; });
    if (needs_search()) {
        const auto escaped = processes_.escaped(found, scope_.cookie);
        found.insert(found.end(), escaped.begin(), escaped.end());
    }
    return found;
}

std::vector<Descendant> Family::living() const {
    return only_living(members());
}

std::vector<Pid> Family::own_children() const {
    std::vector<Pid> children = processes_.own_children();
    std::erase_if(children, [&](Pid child) {
        const auto& inherited = scope_.inherited_children;
        return std::find(inherited.begin(), inherited.end(), child) != inherited.end();
    });
    return children;
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

/// A process that is reparented to us while the lists are walked can be missing from both its old parent's and our
/// list.
std::vector<Descendant> Family::all_members() const {
    std::vector<Descendant> found = members();
    std::unordered_set<int> known;
    const auto is_missed = [&](Pid child) { return child != scope_.namespace_init && !known.contains(child.value); };
    for (int looks = 1; looks < most_looks_at_all && processes_.proc_is_ours(); ++looks) {
        for (const Descendant& member : found) {
            known.insert(member.identity.pid.value);
        }
        const std::vector<Pid> children = own_children();
        if (std::none_of(children.begin(), children.end(), is_missed)) {
            break;
        }
        found = members();
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

/// Of all_members(): a daemon that forks twice is reparented to us while it is looked up.
std::vector<Ownership::Owned> Family::living_with_owners() {
    return ownership_.assign(only_living(all_members()));
}

std::vector<Descendant> Family::of_server(ServerId server) {
    std::vector<Descendant> found;
    for (const Ownership::Owned& member : living_with_owners()) {
        if (member.server == server) {
            found.push_back(member.process);
        }
    }
    return found;
}

std::vector<Descendant> Family::roots_of(ServerId server) {
    std::vector<Descendant> roots;
    std::unordered_set<int> seen;
    for (const Descendant& process : of_server(server)) {
        seen.insert(process.identity.pid.value);
        if (!seen.contains(process.parent.value)) {
            roots.push_back(process);
        }
    }
    return roots;
}

std::vector<Pid> Family::of_server_or_none(ServerId server) {
    std::vector<Pid> found;
    for (const Ownership::Owned& member : living_with_owners()) {
        if (!member.server || member.server == server) {
            found.push_back(member.process.identity.pid);
        }
    }
    return found;
}

void Family::adopt_unknown(ServerId server) {
    ownership_.adopt_unknown(server, all_members());
}

/// A process that forks and exits all the time can have another pid at each look, and without a subreaper its exits are
/// not reported to us. So a look is a proof only if nothing was forked meanwhile; as many as most_searches have to do.
bool Family::search_finds_none() const {
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
            return !needs_search() || search_finds_none();
        case Children::Some:
            // With inherited children there is never an ECHILD.
            return !scope_.inherited_children.empty() && living().empty();
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
