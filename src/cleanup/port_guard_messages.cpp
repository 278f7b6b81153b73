// The port guard's messages about holders, and about what can be done against them.
#include <algorithm>

#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"

namespace vlmshim {

BusyHolder PortGuard::busy_holder(const Obstacle& obstacle) const {
    const Listener& listener = obstacle.listener;
    BusyHolder holder{
        .port = listener.port, .description = obstacle.holder, .facts = obstacle.facts, .run = obstacle.run};
    holder.is_looked_up = !last_.error;
    if (obstacle.process) {
        holder.pid = obstacle.process->pid;
        const auto stat = processes_.stat(holder.pid);
        holder.short_name = stat ? stat->comm : std::string();
        holder.run_is_ours = obstacle.run.keeper.value != 0 && processes_.is_self_or_ancestor(obstacle.run.keeper);
        const auto own = processes_.uids_of(processes_.self());
        holder.may_be_signalled = !obstacle.facts.other_user || (own && own->effective == 0);
    } else if (holder.is_looked_up) {
        const HiddenFacts facts = hidden_facts(listener, last_.source, last_.refused);
        holder.not_visible_because = hidden_because(facts);
        holder.root_would_see = root_would_see(facts);
        holder.published_by_docker = is_published_by_docker(processes_, holder.port);
    }
    return holder;
}

/// Each process once for a port, with all its addresses; of those that cannot be seen, each user once.
std::vector<BusyHolder> PortGuard::busy_holders() const {
    std::vector<BusyHolder> holders;
    for (const Obstacle& obstacle : last_.obstacles) {
        if (obstacle.verdict != HolderVerdict::Refuse) {
            continue;
        }
        const Pid pid = obstacle.process ? obstacle.process->pid : Pid{};
        auto known = std::find_if(holders.begin(), holders.end(), [&](const BusyHolder& holder) {
            return holder.port == obstacle.listener.port && holder.pid == pid && holder.description == obstacle.holder;
        });
        if (known == holders.end()) {
            known = holders.insert(holders.end(), busy_holder(obstacle));
        }
        known->addresses.push_back(describe_address(obstacle.listener));
    }
    return holders;
}

std::string PortGuard::why_busy() const {
    const std::vector<BusyHolder> holders = busy_holders();
    if (holders.empty()) {
        return "a guarded port is busy";
    }
    const std::string ways = ways_out_of_busy(holders, config_.busy);
    return describe_busy(holders.front()) + (ways.empty() ? "" : "; " + ways);
}

void PortGuard::log_other_holders() const {
    const std::vector<BusyHolder> holders = busy_holders();
    for (std::size_t i = 1; i < holders.size(); ++i) {
        log_.error(describe_busy(holders[i]));
    }
    log_not_classified();
}

void PortGuard::report_holders() const {
    for (const Obstacle& obstacle : last_.obstacles) {
        log_.error("port ", obstacle.listener.port, " is not free: ", obstacle.holder, " listens on ",
                   describe_address(obstacle.listener));
    }
    log_not_classified();
}

void PortGuard::log_not_classified() const {
    if (last_.not_classified != 0) {
        log_.error("and there are ", last_.not_classified, " more listening sockets on the guarded ports");
    }
}

}  // namespace vlmshim
