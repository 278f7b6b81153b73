#include "vlmshim/cleanup/port_lookup.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "vlmshim/cleanup/passed_socket.hpp"
#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/core/report/busy_port.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

namespace {

PortHolder visible_holder(const Processes& processes, const ProcessIdentity& process) {
    PortHolder holder;
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

HiddenFacts::Viewer viewer_of(const Listener& listener) {
    using Viewer = HiddenFacts::Viewer;
    if (os::is_root()) {
        return os::may_look_into_all() ? Viewer::Root : Viewer::RootWithoutTrace;
    }
    return listener.uid == os::effective_user() ? Viewer::Owner : Viewer::OtherUser;
}

PortHolder hidden_holder(const Listener& listener, os::ListenerSource source, std::size_t refused) {
    PortHolder holder;
    const HiddenFacts facts = hidden_facts(listener, source, refused);
    holder.user = facts.user;
    holder.not_visible_because = hidden_because(facts);
    holder.root_would_see = root_would_see(facts);
    return holder;
}

std::vector<Pid> pids_of(const std::vector<ProcessIdentity>& processes) {
    std::vector<Pid> pids;
    for (const ProcessIdentity& process : processes) {
        pids.push_back(process.pid);
    }
    return pids;
}

}  // namespace

HiddenFacts hidden_facts(const Listener& listener, os::ListenerSource source, std::size_t refused) {
    const bool table_was_read = source != os::ListenerSource::TrialBind;
    return {.table_was_read = table_was_read,
            .has_inode = listener.inode != 0,
            .user = table_was_read && listener.uid ? os::user_name(*listener.uid) : "",
            .refused = refused,
            .proc_hides = os::proc_hides_others(),
            .viewer = viewer_of(listener)};
}

bool is_published_by_docker(const Processes& processes, Port port) {
    const std::string option = " -host-port " + std::to_string(port.number) + " ";
    for (const ProcessIdentity& process : processes.all()) {
        const auto stat = processes.stat(process.pid);
        if (!stat || stat->comm != docker_proxy_name) {
            continue;
        }
        const std::string command = processes.command_of(process.pid) + " ";
        if (command.find(option) != std::string::npos && command.find(" -proto udp ") == std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string describe_hidden(const Listener& listener) {
    if (listener.inode == 0 || !listener.uid) {
        return "a process that cannot be seen from here";
    }
    return "a process of user " + os::user_name(*listener.uid) + " that cannot be seen from here";
}

HoldersBySocket::HoldersBySocket(const os::HolderSearch& search) {
    for (const os::Holder& holder : search.holders) {
        holders_.emplace(holder.inode, holder.process);
    }
}

std::vector<ProcessIdentity> HoldersBySocket::of(const Listener& listener) const {
    std::vector<ProcessIdentity> found;
    const auto [begin, end] = holders_.equal_range(listener.inode);
    for (auto holder = begin; listener.inode != 0 && holder != end; ++holder) {
        found.push_back(holder->second);
    }
    return found;
}

std::vector<PortHolder> look_up(const Sockets& sockets, const Processes& processes, const std::vector<Port>& ports) {
    os::ListenerTable table = sockets.listeners_on(ports);
    for (const Port port : table.error ? ports : std::vector<Port>{}) {  // none of them is known to be free
        const auto is_on_port = [port](const Listener& listener) { return listener.port == port; };
        if (std::none_of(table.listeners.begin(), table.listeners.end(), is_on_port)) {
            table.listeners.push_back(Listener{.port = port});
        }
    }
    const os::HolderSearch search = sockets.holders_of(table.listeners);
    const HoldersBySocket by_socket(search);
    // Each process and each reason is looked up once: a process may listen at tens of thousands of addresses.
    std::map<ProcessIdentity, PortHolder> visible;
    std::map<std::pair<std::optional<std::uint32_t>, bool>, PortHolder> hidden;
    std::map<std::pair<std::optional<std::uint32_t>, std::vector<Pid>>, std::vector<Pid>> passed;
    std::vector<PortHolder> holders;
    const auto add = [&](const Listener& listener, const PortHolder& holder) {
        holders.push_back(holder);
        holders.back().listener = listener;
    };
    for (const Listener& listener : table.listeners) {
        const std::vector<ProcessIdentity> found = by_socket.of(listener);
        const std::vector<Pid> pids = pids_of(found);
        const auto [passed_to, is_new_set] = passed.try_emplace({listener.uid, pids});
        if (is_new_set) {
            passed_to->second = holders_passed_to(processes, listener, pids);
        }
        for (const ProcessIdentity& process : found) {
            const auto [known, is_new] = visible.try_emplace(process);
            if (is_new) {
                known->second = visible_holder(processes, process);
            }
            add(listener, known->second);
            const std::vector<Pid>& receivers = passed_to->second;
            holders.back().passed_on = std::find(receivers.begin(), receivers.end(), process.pid) != receivers.end();
        }
        if (found.empty()) {
            const auto [known, is_new] = hidden.try_emplace({listener.uid, listener.inode != 0});
            if (is_new) {
                known->second = hidden_holder(listener, table.source, search.refused);
            }
            add(listener, known->second);
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
            .other_user = !processes.is_ours(pid),
            .of_live_run = run.may_live(),
            .of_dead_run = run.state == RunOfProcess::State::Dead,
            .of_other_run = run.may_live() && !processes.is_own_run(run.id)};
}

std::string bind_fails_message(Port port) {
    return "port " + std::to_string(port.number) +
           ": no process listens, but connections still use its number: a bind fails for now";
}

}  // namespace vlmshim
