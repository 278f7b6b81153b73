#include "vlmshim/cleanup/processes.hpp"

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/os/process_tree.hpp"
#include "vlmshim/os/run.hpp"
#include "vlmshim/os/spawn.hpp"

namespace vlmshim {

std::optional<ProcessIdentity> Processes::identify(Pid pid) const {
    const auto found = stat(pid);
    return found ? std::optional(ProcessIdentity{pid, found->start_ticks}) : std::nullopt;
}

bool Processes::is_gone(const ProcessIdentity& process) const {
    const auto now = stat(process.pid);
    return !now || now->start_ticks != process.start_ticks || now->dead();
}

std::string Processes::name_of(Pid pid) const {
    return "pid " + std::to_string(pid.value) + " (" + command_of(pid) + ")";
}

std::string Processes::describe(Pid pid) const {
    return name_of(pid) + ", user " + user_of(pid);
}

std::optional<ProcStat> Processes::find_ancestor(Pid pid, const std::function<bool(const ProcStat&)>& matches) const {
    constexpr int deepest = 100'000;  // a chain that changes while it is read could lead round
    auto process = stat(pid);
    for (int depth = 0; process && process->parent.value > 0 && depth < deepest; ++depth) {
        process = stat(process->parent);
        if (process && matches(*process)) {
            return process;
        }
    }
    return std::nullopt;
}

bool Processes::is_self_or_ancestor(Pid pid) const {
    return pid == self() || find_ancestor(self(), [&](const ProcStat& ancestor) { return ancestor.pid == pid; });
}

Pid SystemProcesses::self() const {
    return os::own_pid();
}

Pgid SystemProcesses::own_group() const {
    return os::current_group();
}

std::vector<Descendant> SystemProcesses::descendants_of(Pid root) const {
    return os::descendants_of(root);
}

std::vector<Pid> SystemProcesses::own_children() const {
    return os::own_children();
}

bool SystemProcesses::proc_is_ours() const {
    return os::proc_is_ours();
}

std::vector<ProcessIdentity> SystemProcesses::all() const {
    return os::all_processes();
}

std::vector<Pid> SystemProcesses::all_pids() const {
    return os::all_pids();
}

std::optional<Descendant> SystemProcesses::carrier(Pid pid, const std::string& run) const {
    return os::carrier(pid, run);
}

Pid SystemProcesses::newest_number() const {
    return os::newest_number();
}

std::optional<ProcStat> SystemProcesses::stat(Pid pid) const {
    return os::read_stat(pid);
}

std::optional<ProcUids> SystemProcesses::uids_of(Pid pid) const {
    return os::uids_of(pid);
}

bool SystemProcesses::is_ours(Pid pid) const {
    return os::is_ours(pid);
}

RunOfProcess SystemProcesses::claim_of(Pid pid) const {
    const auto cookie = os::environment_variable(pid, run_variable);
    if (!cookie || cookie->empty()) {
        return {};
    }
    RunOfProcess claim{RunOfProcess::State::Unknown};
    const auto run = parse_run_id(*cookie);
    if (!run || !os::is_ours(pid)) {
        return claim;
    }
    claim.id = *cookie;
    if (!here_) {
        here_ = os::whereabouts();
    }
    const bool same_numbers = run->pid_namespace != 0 && run->pid_namespace == here_->pid_namespace;
    switch (dead_runs_.contains(*cookie) ? RunLife::Dead : classify_life(*run, os::clues_about(*run, *here_))) {
        case RunLife::Alive:
            claim.state = RunOfProcess::State::Alive;
            break;
        case RunLife::Dead:
            dead_runs_.insert(*cookie);
            claim.state = RunOfProcess::State::Dead;
            claim.group = same_numbers ? Pgid{run->supervisor.value} : Pgid{};
            break;
        case RunLife::Unknown:
            break;
    }
    return claim;
}

RunMarks SystemProcesses::marks_of(Pid pid) const {
    const std::string environment = os::environment_of(pid);
    return {find_variable(environment, run_variable), find_variable(environment, server_variable)};
}

bool SystemProcesses::is_own_run(const std::string& id) const {
    const auto run = parse_run_id(id);
    return run && run->token == own_token_;
}

std::string SystemProcesses::command_of(Pid pid) const {
    return os::describe_command(pid);
}

std::string SystemProcesses::user_of(Pid pid) const {
    return os::user_of(pid);
}

std::error_code SystemProcesses::send(const ProcessIdentity& process, Signal signal) {
    return os::send_signal(process, signal);
}

std::error_code SystemProcesses::send_and_wake(const ProcessIdentity& process, Signal signal) {
    return os::send_and_wake(process, signal);
}

std::error_code SystemProcesses::send_to_child(Pid child, Signal signal) {
    return os::send_to_child(child, signal);
}

std::error_code SystemProcesses::send_to_own_group(Signal signal) {
    return os::send_to_own_group(signal);
}

void SystemProcesses::raise_own_priority() {
    os::raise_own_priority();
}

void SystemProcesses::wait_for_an_end(const std::set<ProcessIdentity>& processes, Millis limit) {
    os::wait_for_an_end({processes.begin(), processes.end()}, limit);
}

}  // namespace vlmshim
