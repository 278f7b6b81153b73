#include "vlmshim/cleanup/port_lookup.hpp"

#include <algorithm>
#include <tuple>

#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim {

namespace {

PortHolder visible_holder(const Listener& listener, const os::ProcessIdentity& process) {
    PortHolder holder;
    holder.listener = listener;
    holder.pid = process.pid;
    holder.start_ticks = process.start_ticks;
    holder.user = os::user_of(process.pid);
    holder.command = os::describe_command(process.pid);
    holder.age = os::age_of(process.start_ticks);
    if (holder.age) {
        holder.since = os::wall_clock() - *holder.age;
    }
    holder.run = run_of(process.pid);
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

std::vector<PortHolder> look_up(const std::vector<Port>& ports) {
    const os::ListenerTable table = os::listeners_on(ports);
    const os::HolderSearch search = os::find_holders(table.listeners);
    std::vector<PortHolder> holders;
    for (const Listener& listener : table.listeners) {
        const std::size_t before = holders.size();
        for (const os::Holder& holder : search.holders) {
            if (holder.inode == listener.inode && listener.inode != 0) {
                holders.push_back(visible_holder(listener, holder.process));
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

std::string describe_process(Pid pid) {
    return "pid " + std::to_string(pid.value) + " (" + os::describe_command(pid) + "), user " + os::user_of(pid);
}

RunOfProcess run_of(Pid pid) {
    const auto cookie = os::environment_variable(pid, run_variable);
    const auto run = cookie ? parse_run_id(*cookie) : std::nullopt;
    if (!run) {
        return {};
    }
    if (!os::shares_pid_namespace(pid)) {
        return {RunOfProcess::State::Elsewhere, *cookie, Pid{}};
    }
    if (!os::run_lives(*run)) {
        return {RunOfProcess::State::Dead, *cookie, Pid{}};
    }
    // The keeper is a vlmshim too; as PID 1, or when it was killed, there is none.
    const auto supervisor = os::read_stat(run->supervisor);
    const auto parent = supervisor ? os::read_stat(supervisor->parent) : std::nullopt;
    const bool has_keeper = parent && parent->comm == supervisor->comm;
    return {RunOfProcess::State::Alive, *cookie, has_keeper ? parent->pid : run->supervisor};
}

HolderFacts facts_of(os::ProcessIdentity process, const std::vector<std::string>& spare) {
    const Pid pid = process.pid;
    const RunOfProcess run = run_of(pid);
    return {.visible = true,
            .self = pid == os::own_pid(),
            .ancestor_or_init = pid.value == 1 || os::is_self_or_ancestor(pid),
            .spared = std::find(spare.begin(), spare.end(), os::short_name(pid)) != spare.end(),
            .of_live_run = run.state == RunOfProcess::State::Alive,
            .of_dead_run = run.state == RunOfProcess::State::Dead,
            .of_other_run = run.state == RunOfProcess::State::Alive && run.id != to_string(os::own_run_id())};
}

os::Bind bind_to(Port port) {
    std::error_code ignored;
    const os::Bind v4 = os::try_bind(port, IpVersion::V4, ignored);
    const os::Bind v6 = os::try_bind(port, IpVersion::V6, ignored);
    if (v4 == os::Bind::Held || v6 == os::Bind::Held) {
        return os::Bind::Held;
    }
    return v4 == os::Bind::Free ? v6 : v4;
}

}  // namespace vlmshim
