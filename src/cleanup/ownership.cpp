#include "vlmshim/cleanup/ownership.hpp"

#include <algorithm>
#include <unordered_set>

#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Ownership::Mark Ownership::mark_of(Pid pid, const std::vector<OwningServer>& servers, ServerId& server) const {
    const RunMarks marks = processes_.marks_of(pid);
    if (!marks.run || !processes_.is_own_run(*marks.run)) {
        return Mark::Unknown;
    }
    const auto named =
        std::find_if(servers.begin(), servers.end(), [&](const OwningServer& one) { return marks.server == one.name; });
    if (named == servers.end()) {
        return Mark::NoServer;
    }
    server = named->id;
    return Mark::Server;
}

/// A member whose parent is none. Only they are looked at: all others are what their parents are.
Ownership::Orphans Ownership::look_at_orphans(const std::vector<Descendant>& members,
                                              const std::vector<OwningServer>& servers) {
    Orphans found;
    std::unordered_set<int> met;
    for (const Descendant& member : members) {
        const Pid pid = member.identity.pid;
        met.insert(pid.value);
        const bool is_main =
            std::any_of(servers.begin(), servers.end(), [&](const OwningServer& one) { return one.main == pid; });
        if (is_main || !member.lives() || met.contains(member.parent.value) || known_.contains(member.identity)) {
            continue;
        }
        ServerId server{};
        switch (mark_of(pid, servers, server)) {
            case Mark::Server:
                found.of_server.emplace(pid.value, server);
                break;
            case Mark::NoServer:
                known_.emplace(member.identity, std::nullopt);
                break;
            case Mark::Unknown:
                found.unknown.push_back(pid);
                break;
        }
    }
    return found;
}

std::vector<Ownership::Owned> Ownership::assign(const std::vector<Descendant>& members) {
    const std::vector<OwningServer> servers = hooks_.servers ? hooks_.servers() : std::vector<OwningServer>{};
    std::unordered_map<int, ServerId> owners;
    if (!servers.empty()) {
        Orphans orphans = look_at_orphans(members, servers);
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
    const std::vector<OwningServer> servers = hooks_.servers ? hooks_.servers() : std::vector<OwningServer>{};
    const std::vector<Pid> unknown = look_at_orphans(members, servers).unknown;
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

Signal Ownership::stop_signal_of(const ProcessIdentity& process) const {
    if (const auto its = server_of(process)) {
        for (const OwningServer& server : hooks_.servers()) {
            if (server.id == *its) {
                return server.stop_signal;
            }
        }
    }
    return sigterm;
}

}  // namespace vlmshim
