#include "vlmshim/core/lifecycle/run_processes.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "vlmshim/core/values/process_names.hpp"

namespace vlmshim {

namespace {

bool is_shown_to(unsigned viewer, const RunCandidate& process) {
    constexpr unsigned root = 0;
    return process.uids && process.uids->are_all(process.uids->real) &&
           (viewer == root || process.uids->real == viewer);
}

Pid& place_in(RunProcesses& run, const RunCandidate& process) {
    return process.stat.comm == supervisor_name ? run.supervisor : run.keeper;
}

void add_to(RunProcesses& run, const RunCandidate& process) {
    const bool is_supervisor = process.stat.comm == supervisor_name;
    place_in(run, process) = process.stat.pid;
    run.names.insert(run.names.end(), process.names.begin(), process.names.end());
    run.user = process.uids->real;
    run.stopped |= process.stat.state == ProcessState::Stopped;
    // The keeper may have been another program before, such as the shell that called exec.
    if (is_supervisor || run.start_ticks == 0) {
        run.start_ticks = process.stat.start_ticks;
    }
}

bool is_parent_with_same_program(const RunCandidate& parent, const RunCandidate& child) {
    return child.stat.parent == parent.stat.pid && parent.program == child.program && parent.program != ProgramFile{};
}

using ByPid = std::map<Pid, const RunCandidate*>;

/// nullptr: none that is a candidate.
const RunCandidate* parent_with_same_program(const RunCandidate& child, const ByPid& by_pid) {
    const auto parent = by_pid.find(child.stat.parent);
    const bool is_found = parent != by_pid.end() && is_parent_with_same_program(*parent->second, child);
    return is_found ? parent->second : nullptr;
}

/// A keeper has the name of its file, which can be any. The socket alone proves nothing: it can be sent to a process
/// that takes what it gets, as dbus-daemon does.
std::set<Pid> keepers_among(const std::vector<RunCandidate>& candidates, const ByPid& by_pid) {
    std::set<Pid> keepers;
    for (const RunCandidate& process : candidates) {
        if (process.stat.comm == keeper_name) {
            keepers.insert(process.stat.pid);
        }
        const bool is_supervisor = process.stat.comm == supervisor_name;
        const RunCandidate* const parent = is_supervisor ? parent_with_same_program(process, by_pid) : nullptr;
        const auto is_parents = [&](std::uint64_t name) {
            return std::binary_search(parent->names.begin(), parent->names.end(), name);
        };
        if (parent != nullptr && std::any_of(process.names.begin(), process.names.end(), is_parents)) {
            keepers.insert(parent->stat.pid);
        }
    }
    return keepers;
}

/// nullptr: none.
const RunCandidate* unnamed_keeper_of(const RunCandidate& supervisor, const ByPid& by_pid) {
    const RunCandidate* const parent = parent_with_same_program(supervisor, by_pid);
    const bool is_its = parent != nullptr && parent->stat.comm == keeper_name && parent->names.empty() &&
                        parent->uids->real == supervisor.uids->real;
    return is_its ? parent : nullptr;
}

/// Runs by the names that their processes hold.
class NamedRuns {
public:
    explicit NamedRuns(std::vector<RunProcesses>& runs) : runs_(runs) {}

    /// A second keeper or supervisor that has no name of its own is left out: a child of the supervisor that has not
    /// called exec yet. With one of its own it is of a run inside, and the one that both hold is no run's name, but
    /// that of a socket which somebody has made look like one.
    void add(const RunCandidate& process) {
        std::optional<std::size_t> place;
        for (const std::uint64_t name : process.names) {
            const auto known = places_.find({name, process.uids->real});
            if (known == places_.end()) {
                place = place.value_or(runs_.size());
            } else if (place_in(runs_[known->second], process) == Pid{}) {
                place = known->second;
                break;
            }
        }
        if (!place) {
            return;
        }
        if (*place == runs_.size()) {
            runs_.emplace_back();
        }
        add_to(runs_[*place], process);
        for (const std::uint64_t name : process.names) {
            places_.emplace(std::pair(name, process.uids->real), *place);
        }
    }

private:
    std::vector<RunProcesses>& runs_;
    std::map<std::pair<std::uint64_t, unsigned>, std::size_t> places_;  // in runs_
};

}  // namespace

bool is_called_like_ours(std::string_view comm) {
    return comm == keeper_name || comm == supervisor_name;
}

std::vector<RunProcesses> find_runs(std::vector<RunCandidate> candidates, unsigned viewer) {
    std::erase_if(candidates,
                  [&](const RunCandidate& process) { return process.stat.dead() || !is_shown_to(viewer, process); });
    const auto age = [](const RunCandidate& process) { return std::tuple(process.stat.start_ticks, process.stat.pid); };
    std::sort(candidates.begin(), candidates.end(),
              [&](const RunCandidate& a, const RunCandidate& b) { return age(a) < age(b); });
    ByPid by_pid;
    for (RunCandidate& process : candidates) {
        std::sort(process.names.begin(), process.names.end());
        by_pid.emplace(process.stat.pid, &process);
    }
    const std::set<Pid> keepers = keepers_among(candidates, by_pid);
    std::vector<RunProcesses> runs;
    NamedRuns named(runs);
    for (const RunCandidate& process : candidates) {
        const bool is_supervisor = process.stat.comm == supervisor_name;
        if (!process.names.empty() && (is_supervisor || keepers.contains(process.stat.pid))) {
            named.add(process);
        } else if (process.names.empty() && is_supervisor) {
            if (const RunCandidate* keeper = unnamed_keeper_of(process, by_pid)) {
                add_to(runs.emplace_back(), *keeper);
                add_to(runs.back(), process);
            }
        }
    }
    const auto place = [](const RunProcesses& run) { return std::tuple(run.start_ticks, run.to_signal()); };
    std::sort(runs.begin(), runs.end(),
              [&](const RunProcesses& a, const RunProcesses& b) { return place(a) < place(b); });
    return runs;
}

}  // namespace vlmshim
