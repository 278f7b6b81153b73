#include "vlmshim/cleanup/ownership.hpp"

#include <algorithm>
#include <unordered_set>

#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Ownership::Mark Ownership::mark_of(Pid pid, const std::vector<OwningServer>& servers) const {
    const RunMarks marks = processes_.marks_of(pid);
    if (!marks.run || !processes_.is_own_run(*marks.run)) {
        return {Mark::Kind::Unknown};
    }
    const auto named =
        std::find_if(servers.begin(), servers.end(), [&](const OwningServer& one) { return marks.server == one.name; });
    return named == servers.end() ? Mark{Mark::Kind::OfNoServer} : Mark{Mark::Kind::OfServer, named->id};
}

std::vector<OwningServer> Ownership::all_servers() const {
    return hooks_.servers ? hooks_.servers() : std::vector<OwningServer>{};
}

/// An orphan is a member whose parent is no member. All other members belong where their parents belong.
Ownership::Orphans Ownership::classify_orphans(const std::vector<Descendant>& members,
                                               const std::vector<OwningServer>& servers) {
    Orphans found;
    std::unordered_set<int> seen;
    for (const Descendant& member : members) {
        const Pid pid = member.identity.pid;
        seen.insert(pid.value);
        const bool is_main =
            std::any_of(servers.begin(), servers.end(), [&](const OwningServer& one) { return one.main == pid; });
        if (is_main || !member.lives() || seen.contains(member.parent.value) || known_.contains(member.identity)) {
            continue;
        }
        const Mark mark = mark_of(pid, servers);
        switch (mark.kind) {
            case Mark::Kind::OfServer:
                found.of_server.emplace(pid.value, mark.server);
                break;
            case Mark::Kind::OfNoServer:
                known_.emplace(member.identity, std::nullopt);
                break;
            case Mark::Kind::Unknown:
                found.unknown.push_back(pid);
                break;
        }
    }
    return found;
}

std::vector<Ownership::Owned> Ownership::assign(const std::vector<Descendant>& members) {
    const std::vector<OwningServer> servers = all_servers();
    std::unordered_map<int, ServerId> owners;
    if (!servers.empty()) {
        Orphans orphans = classify_orphans(members, servers);
        owners = std::move(orphans.of_server);
        if (!orphans.unknown.empty()) {
            for (const auto& [pid, server] : hooks_.by_port(orphans.unknown)) {
                owners.emplace(pid.value, server);
            }
        }
        for (const OwningServer& server : servers) {
            owners.emplace(server.main.value, server.id);
        }
    }
    std::vector<Owned> owned;
    owned.reserve(members.size());
    for (const Descendant& member : members) {
        const int pid = member.identity.pid.value;
        if (const auto known = server_of(member.identity)) {
            owners[pid] = *known;
        } else if (const auto parent = owners.find(member.parent.value); parent != owners.end()) {
            owners.emplace(pid, parent->second);
        }
        const auto owner = owners.find(pid);
        owned.push_back({member, owner == owners.end() ? std::nullopt : std::optional(owner->second)});
        if (owner != owners.end()) {
            known_[member.identity] = owner->second;
        }
    }
    return owned;
}

void Ownership::adopt_unknown(ServerId server, const std::vector<Descendant>& members) {
    const std::vector<Pid> unknown = classify_orphans(members, all_servers()).unknown;
    for (const Descendant& member : members) {
        if (std::find(unknown.begin(), unknown.end(), member.identity.pid) != unknown.end()) {
            known_.emplace(member.identity, server);
        }
    }
}

std::optional<ServerId> Ownership::server_of(const ProcessIdentity& process) const {
    const auto known = known_.find(process);
    return known == known_.end() ? std::nullopt : known->second;
}

std::string Ownership::server_name_of(const ProcessIdentity& process) const {
    const std::optional<ServerId> owner = server_of(process);
    for (const OwningServer& server : owner ? all_servers() : std::vector<OwningServer>{}) {
        if (server.id == *owner) {
            return server.name;
        }
    }
    return {};
}

Signal Ownership::stop_signal_of(const ProcessIdentity& process) const {
    if (const auto owner = server_of(process)) {
        for (const OwningServer& server : all_servers()) {
            if (server.id == *owner) {
                return server.stop_signal;
            }
        }
    }
    return sigterm;
}

}  // namespace vlmshim
