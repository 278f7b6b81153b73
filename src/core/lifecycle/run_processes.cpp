#include "vlmshim/core/lifecycle/run_processes.hpp"

#include <algorithm>
#include <map>
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

void add(RunProcesses& run, const RunCandidate& process) {
    const bool is_supervisor = process.stat.comm == supervisor_name;
    Pid& place = is_supervisor ? run.supervisor : run.keeper;
    if (place.value != 0) {
        return;  // a child of the supervisor that has not called exec yet
    }
    place = process.stat.pid;
    run.name = process.name;
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

/// A keeper has the name of its file, which can be any. The socket alone proves nothing: it can be sent to a process
/// that takes what it gets, as dbus-daemon does.
bool is_keeper(const RunCandidate& process, const std::vector<RunCandidate>& candidates) {
    return process.stat.comm == keeper_name ||
           std::any_of(candidates.begin(), candidates.end(), [&](const RunCandidate& other) {
               return other.stat.comm == supervisor_name && other.name == process.name &&
                      is_parent_with_same_program(process, other);
           });
}

/// nullptr: none.
const RunCandidate* unnamed_keeper_of(const RunCandidate& supervisor, const std::vector<RunCandidate>& candidates) {
    const auto is_its = [&](const RunCandidate& other) {
        return other.stat.comm == keeper_name && other.name == 0 && other.uids->real == supervisor.uids->real &&
               is_parent_with_same_program(other, supervisor);
    };
    const auto found = std::find_if(candidates.begin(), candidates.end(), is_its);
    return found != candidates.end() ? &*found : nullptr;
}

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
    std::map<std::pair<std::uint64_t, unsigned>, RunProcesses> named;
    std::vector<RunProcesses> runs;
    for (const RunCandidate& process : candidates) {
        const bool is_supervisor = process.stat.comm == supervisor_name;
        if (process.name != 0 && (is_supervisor || is_keeper(process, candidates))) {
            add(named[{process.name, process.uids->real}], process);
        } else if (process.name == 0 && is_supervisor) {
            if (const RunCandidate* keeper = unnamed_keeper_of(process, candidates)) {
                add(runs.emplace_back(), *keeper);
                add(runs.back(), process);
            }
        }
    }
    for (const auto& [name, run] : named) {
        runs.push_back(run);
    }
    const auto place = [](const RunProcesses& run) { return std::tuple(run.start_ticks, run.to_signal()); };
    std::sort(runs.begin(), runs.end(),
              [&](const RunProcesses& a, const RunProcesses& b) { return place(a) < place(b); });
    return runs;
}

}  // namespace vlmshim
