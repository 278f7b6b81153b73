#include "vlmshim/cleanup/whose_run.hpp"

#include <map>
#include <optional>
#include <string_view>

#include "vlmshim/core/values/process_names.hpp"

namespace vlmshim {

namespace {

using State = RunOfProcess::State;

/// What a pass over all processes knows of the groups that dead runs led.
using DeadGroups = std::map<Pgid, RunOfProcess>;

/// A group's number is given to nobody else as long as somebody is in the group (POSIX.1-2017, XBD 4.14). A process
/// with that number that lives is not the dead supervisor: then the group is another one.
bool is_without_leader(const Processes& processes, Pgid group) {
    const auto leader = processes.stat(Pid{group.value});
    return group.value > 1 && (!leader || leader->dead());
}

Pgid group_of(const Processes& processes, Pid pid) {
    const auto stat = processes.stat(pid);
    return stat ? stat->group : Pgid{};
}

/// A member that carries the mark of the run which led the group shows what the group is.
void note_group(const Processes& processes, Pid pid, const RunOfProcess& claim, DeadGroups& groups) {
    const bool shows = claim.state == State::Dead && claim.group.value > 1 && claim.group == group_of(processes, pid) &&
                       is_without_leader(processes, claim.group);
    if (shows) {
        groups.emplace(claim.group, claim);
    }
}

RunOfProcess by_group(const Processes& processes, Pid pid) {
    const Pgid group = group_of(processes, pid);
    if (!is_without_leader(processes, group) || !processes.is_ours(pid)) {
        return {};
    }
    DeadGroups groups;
    for (const ProcessIdentity& other : processes.all()) {
        if (groups.empty() && group_of(processes, other.pid) == group) {
            note_group(processes, other.pid, processes.claim_of(other.pid), groups);
        }
    }
    return groups.empty() ? RunOfProcess{} : groups.begin()->second;
}

bool is_named(const Processes& processes, const std::optional<ProcStat>& stat, std::string_view name) {
    return stat && stat->comm == name && !stat->dead() && processes.is_ours(stat->pid);
}

/// That a signal has to reach for its run to end, if `process` is one of ours: the keeper, or what is left of it and
/// its supervisor. 0: it is neither.
Pid keeper_at(const Processes& processes, const std::optional<ProcStat>& process) {
    if (is_named(processes, process, keeper_name)) {
        return process->pid;  // as PID 1, or when its supervisor was killed
    }
    if (!is_named(processes, process, supervisor_name)) {
        return {};
    }
    const auto above = processes.stat(process->parent);
    return is_named(processes, above, keeper_name) ? above->pid : process->pid;
}

/// Goes up the parents: to the nearest keeper that can be seen, never to one that an environment names. A process that
/// carries no mark is what its parents are, if that lives.
void look_above(const Processes& processes, Pid pid, RunOfProcess& run) {
    constexpr int deepest = 100'000;  // a chain that changes while it is read could lead round
    auto stat = processes.stat(pid);
    for (int depth = 0; stat && stat->parent.value > 0 && depth < deepest; ++depth) {
        stat = processes.stat(stat->parent);
        if (const Pid keeper = keeper_at(processes, stat); keeper.value != 0) {
            run.keeper = keeper;
            run.state = State::Alive;
            return;
        }
        const RunOfProcess claim = stat && run.state == State::None ? processes.claim_of(stat->pid) : RunOfProcess{};
        if (is_named(processes, stat, namespace_init_name)) {
            run.state = State::Alive;  // it dies with the supervisor, which cannot be seen from inside
        } else if (claim.may_live()) {
            run = claim;
        }
    }
}

}  // namespace

RunOfProcess run_of(const Processes& processes, Pid pid) {
    RunOfProcess run = processes.claim_of(pid);
    if (run.state == State::None) {
        run = by_group(processes, pid);
    }
    run.keeper = {};
    if (run.state != State::Dead) {  // that is so below a run that lives, too: it was nested in that one
        look_above(processes, pid, run);
    }
    return run;
}

std::vector<DeadRunsProcess> left_by_dead_runs(const Processes& processes) {
    std::vector<DeadRunsProcess> found;
    std::vector<ProcessIdentity> unmarked;
    DeadGroups groups;
    const auto add = [&](const ProcessIdentity& process, const RunOfProcess& run) {
        if (process.pid.value != 1 && !processes.is_self_or_ancestor(process.pid)) {
            found.push_back({process, run});
        }
    };
    for (const ProcessIdentity& process : processes.all()) {
        const RunOfProcess claim = processes.claim_of(process.pid);
        note_group(processes, process.pid, claim, groups);
        if (claim.state == State::Dead) {
            add(process, claim);
        } else if (claim.state == State::None) {
            unmarked.push_back(process);
        }
    }
    for (const ProcessIdentity& process : groups.empty() ? std::vector<ProcessIdentity>{} : unmarked) {
        const auto group = groups.find(group_of(processes, process.pid));
        if (group != groups.end() && processes.is_ours(process.pid)) {
            add(process, group->second);
        }
    }
    return found;
}

}  // namespace vlmshim
