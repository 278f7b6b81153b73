#include "vlmshim/cleanup/family.hpp"

#include <algorithm>
#include <unordered_set>

#include "vlmshim/cleanup/given_out.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

namespace {

std::vector<Descendant> only_living(std::vector<Descendant> members) {
    std::erase_if(members, [](const Descendant& member) { return !member.lives(); });
    return members;
}

}  // namespace

Family::Search Family::search() const {
    Search search{outside_of(scope_.inherited_children, processes_.descendants_of(processes_.self()))};
    std::erase_if(search.found, [&](const Descendant& one) { return one.identity.pid == scope_.namespace_init; });
    if (needs_search()) {
        search_orphans(search);
    }
    return search;
}

/// Orphans that are not our children. A process that forks and exits all the time can have another pid at each look, so
/// what got its pid during a look is looked at as well. Nothing is left when no pid was given out meanwhile: whatever
/// lives then was there to be seen. Where the newest pid is not known (/proc mounted with subset=pid), two lists of all
/// pids say so, if the second has no new one.
void Family::search_orphans(Search& search) const {
    std::unordered_set<int> known{processes_.self().value};
    for (const Descendant& member : search.found) {
        known.insert(member.identity.pid.value);
    }
    const auto look_at = [&](Pid pid) {
        const auto carrier = known.contains(pid.value) ? std::nullopt : processes_.carrier(pid, scope_.cookie);
        if (carrier) {
            known.insert(pid.value);
            search.found.push_back(*carrier);
        }
        return carrier && carrier->lives();
    };
    search.result = Search::Result::Open;
    GivenOut given_out(processes_);
    for (const Pid pid : given_out.next()) {
        look_at(pid);
    }
    for (int looks = 0; looks < most_searches; ++looks) {
        const std::vector<Pid> pids = given_out.next();
        if (pids.empty()) {
            search.result = Search::Result::Complete;
            return;
        }
        // The newest first, and what is found is to be dealt with before it has gone on.
        if (std::any_of(pids.rbegin(), pids.rend(), look_at)) {
            return;
        }
    }
}

std::vector<Descendant> Family::members() const {
    return search().found;
}

std::vector<Descendant> Family::living() const {
    return only_living(members());
}

bool Family::has(Pid process) const {
    const std::vector<Descendant> all = members();
    return std::any_of(all.begin(), all.end(), [&](const Descendant& one) { return one.identity.pid == process; });
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

std::vector<Descendant> Family::look_with_servers() {
    std::vector<Descendant> found = look();
    ownership_.assign(found);
    return found;
}

EndedLog::What Family::what_is(const ProcessIdentity& process) const {
    if (const std::string server = ownership_.server_name_of(process); !server.empty()) {
        return {EndedWhy::Server, server};
    }
    const RunMarks marks = processes_.marks_of(process.pid);
    const auto& names = scope_.server_names;
    const bool is_servers = marks.server && marks.run && processes_.is_own_run(*marks.run) &&
                            std::find(names.begin(), names.end(), *marks.server) != names.end();
    return is_servers ? EndedLog::What{EndedWhy::Server, *marks.server} : EndedLog::What{};
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

/// Of a chain of processes that fork and exit, a look may see only those that have exited. While it sees new ones of
/// them, and none that lives, it is repeated.
std::vector<Descendant> Family::outside(const std::vector<ServerId>& servers) {
    std::unordered_set<int> dead;
    for (int again = most_looks_at_all;; --again) {
        const std::vector<Descendant> members = counted(all_members());
        std::vector<Descendant> found = without(servers, members);
        const std::size_t known = dead.size();
        for (const Descendant& member : members) {
            if (!member.lives()) {
                dead.insert(member.identity.pid.value);
            }
        }
        if (!found.empty() || dead.size() == known || again == 0) {
            return found;
        }
    }
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

bool Family::finds_none() const {
    const Search done = search();
    return done.result == Search::Result::Complete && only_living(done.found).empty();
}

bool Family::is_empty(Children children) const {
    switch (children) {
        case Children::None:
            return !needs_search() || finds_none();
        case Children::Some:
            // With inherited children there is never an ECHILD.
            return !scope_.inherited_children.empty() && finds_none();
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
