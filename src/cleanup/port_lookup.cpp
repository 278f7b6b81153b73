#include "vlmshim/cleanup/port_lookup.hpp"

#include <algorithm>
#include <tuple>

#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

namespace {

PortHolder visible_holder(const Processes& processes, const Listener& listener, const ProcessIdentity& process) {
    PortHolder holder;
    holder.listener = listener;
    holder.pid = process.pid;
    holder.start_ticks = process.start_ticks;
    holder.user = processes.user_of(process.pid);
    holder.command = processes.command_of(process.pid);
    holder.age = os::age_of(process.start_ticks);
    if (holder.age) {
        holder.since = os::wall_clock() - *holder.age;
    }
    holder.run = run_of(processes, process.pid);
    return holder;
}

PortHolder hidden_holder(const Listener& listener, os::ListenerSource source, std::size_t refused) {
    PortHolder holder;
    holder.listener = listener;
    const bool table_was_read = source != os::ListenerSource::TrialBind;
    holder.user = table_was_read ? os::user_name(listener.uid) : "";
    holder.not_visible_because = hidden_because({.table_was_read = table_was_read,
                                                 .has_inode = listener.inode != 0,
                                                 .user = holder.user,
                                                 .refused = refused,
                                                 .proc_hides = os::proc_hides_others()});
    return holder;
}

}  // namespace

std::vector<PortHolder> look_up(const Sockets& sockets, const Processes& processes, const std::vector<Port>& ports) {
    const os::ListenerTable table = sockets.listeners_on(ports);
    const os::HolderSearch search = sockets.holders_of(table.listeners);
    std::vector<PortHolder> holders;
    for (const Listener& listener : table.listeners) {
        const std::size_t before = holders.size();
        for (const os::Holder& holder : search.holders) {
            if (holder.inode == listener.inode && listener.inode != 0) {
                holders.push_back(visible_holder(processes, listener, holder.process));
            }
        }
        if (holders.size() == before) {
            holders.push_back(hidden_holder(listener, table.source, search.refused));
        }
    }
    const auto place = [](const PortHolder& holder) {
        const Listener& listener = holder.listener;
        return std::tuple(listener.port, listener.address.version(), listener.address, holder.pid);
    };
    std::sort(holders.begin(), holders.end(),
              [&](const PortHolder& a, const PortHolder& b) { return place(a) < place(b); });
    return holders;
}

HolderFacts facts_of(const Processes& processes, Pid pid, const RunOfProcess& run,
                     const std::vector<std::string>& spare) {
    const auto stat = processes.stat(pid);
    const std::string name = stat ? stat->comm : std::string();
    return {.visible = true,
            .self = pid == processes.self(),
            .ancestor_or_init = pid.value == 1 || processes.is_self_or_ancestor(pid),
            .spared = std::find(spare.begin(), spare.end(), name) != spare.end(),
            .of_live_run = run.may_live(),
            .of_dead_run = run.state == RunOfProcess::State::Dead,
            .of_other_run = run.may_live() && !processes.is_own_run(run.id)};
}

ListenerOwner owner_of(const Sockets& sockets, const Processes& processes, const std::optional<Address>& address,
                       Port port, const std::vector<Pid>& own) {
    std::vector<Listener> candidates = listeners_for(sockets.listeners_on({port}).listeners, address);
    if (candidates.empty()) {
        return {ListenerOwner::Kind::Unknown, {}};
    }
    // Nearly always it is ours, and our own are few beside all of the machine's.
    for (const os::Holder& holder : sockets.holders_among(own, candidates).holders) {
        std::erase_if(candidates, [&](const Listener& listener) { return listener.inode == holder.inode; });
    }
    if (candidates.empty()) {
        return {ListenerOwner::Kind::Ours, {}};
    }
    const std::vector<os::Holder> strangers = sockets.holders_of(candidates).holders;
    return strangers.empty()
               ? ListenerOwner{ListenerOwner::Kind::Unknown, {}}
               : ListenerOwner{ListenerOwner::Kind::Foreign, processes.describe(strangers.front().process.pid)};
}

std::string say_bind_fails(Port port) {
    return "port " + std::to_string(port.number) +
           ": nobody listens, but connections still use its number: a bind fails for now";
}

}  // namespace vlmshim
