#include "vlmshim/cleanup/whose_run.hpp"

#include <map>
#include <optional>
#include <string_view>

#include "vlmshim/core/values/process_names.hpp"

namespace vlmshim {

namespace {

using State = RunOfProcess::State;

/// A group's number is not reused as a pid while the group has a member (POSIX.1-2017, XBD 4.14). If a process with
/// that number lives, it is not the dead supervisor, and the group is another one.
bool is_without_leader(const Processes& processes, Pgid group) {
    const auto leader = processes.stat(Pid{group.value});
    return group.value > 1 && (!leader || leader->dead());
}

Pgid group_of(const Processes& processes, Pid pid) {
    const auto stat = processes.stat(pid);
    return stat ? stat->group : Pgid{};
}

/// A member that carries the mark of the dead run which led the group shows whose group it is.
bool shows_group(const Processes& processes, Pid member, const RunOfProcess& claim) {
    return claim.state == State::Dead && claim.group.value > 1 && claim.group == group_of(processes, member) &&
           is_without_leader(processes, claim.group);
}

RunOfProcess by_group(const Processes& processes, Pid pid) {
    const Pgid group = group_of(processes, pid);
    if (!is_without_leader(processes, group) || !processes.is_ours(pid)) {
        return {};
    }
    for (const ProcessIdentity& other : processes.all()) {
        if (group_of(processes, other.pid) != group) {
            continue;
        }
        const RunOfProcess claim = processes.claim_of(other.pid);
        if (shows_group(processes, other.pid, claim)) {
            return claim;
        }
    }
    return {};
}

bool is_named(const Processes& processes, const ProcStat& process, std::string_view name) {
    return process.comm == name && !process.dead() && processes.is_ours(process.pid);
}

/// The process whose end ends the run, if `process` is a keeper or a supervisor: the keeper, or the one of the two that
/// is left. 0: it is neither.
Pid keeper_at(const Processes& processes, const ProcStat& process) {
    if (is_named(processes, process, keeper_name)) {
        return process.pid;  // it is PID 1, or its supervisor was killed
    }
    if (!is_named(processes, process, supervisor_name)) {
        return {};
    }
    const auto parent = processes.stat(process.parent);
    return parent && is_named(processes, *parent, keeper_name) ? parent->pid : process.pid;
}

/// Goes up to the nearest visible keeper, never to one that an environment names. On the way, a process without a mark
/// takes that of an ancestor whose run may live.
void look_at_ancestors(const Processes& processes, Pid pid, RunOfProcess& run) {
    const auto ends_search = [&](const ProcStat& ancestor) {
        if (const Pid keeper = keeper_at(processes, ancestor); keeper.value != 0) {
            run.keeper = keeper;
            run.state = State::Alive;
            return true;
        }
        if (is_named(processes, ancestor, namespace_init_name)) {
            run.state = State::Alive;  // it dies with the supervisor, which cannot be seen from inside
        } else if (run.state == State::None) {
            const RunOfProcess claim = processes.claim_of(ancestor.pid);
            run = claim.may_live() ? claim : run;
        }
        return false;
    };
    processes.find_ancestor(pid, ends_search);
}

}  // namespace

RunOfProcess run_of(const Processes& processes, Pid pid) {
    RunOfProcess run = processes.claim_of(pid);
    if (run.state == State::None) {
        run = by_group(processes, pid);
    }
    run.keeper = {};
    if (run.state != State::Dead) {  // a dead run's process stays that below a live run in which it was nested
        look_at_ancestors(processes, pid, run);
    }
    return run;
}

std::vector<DeadRunsProcess> left_by_dead_runs(const Processes& processes) {
    std::vector<DeadRunsProcess> found;
    std::vector<ProcessIdentity> unmarked;
    std::map<Pgid, RunOfProcess> groups;  // that dead runs led
    const auto add = [&](const ProcessIdentity& process, const RunOfProcess& run) {
        if (process.pid.value != 1 && !processes.is_self_or_ancestor(process.pid)) {
            found.push_back({process, run});
        }
    };
    for (const ProcessIdentity& process : processes.all()) {
        const RunOfProcess claim = processes.claim_of(process.pid);
        if (shows_group(processes, process.pid, claim)) {
            groups.emplace(claim.group, claim);
        }
        if (claim.state == State::Dead) {
            add(process, claim);
        } else if (claim.state == State::None) {
            unmarked.push_back(process);
        }
    }
    if (groups.empty()) {
        return found;
    }
    for (const ProcessIdentity& process : unmarked) {
        const auto group = groups.find(group_of(processes, process.pid));
        if (group != groups.end() && processes.is_ours(process.pid)) {
            add(process, group->second);
        }
    }
    return found;
}

}  // namespace vlmshim
