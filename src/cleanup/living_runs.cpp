#include "vlmshim/cleanup/living_runs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "vlmshim/core/lifecycle/run_processes.hpp"
#include "vlmshim/core/report/supervisor_title.hpp"
#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/listeners.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/os/process_tree.hpp"
#include "vlmshim/os/run_name.hpp"

namespace vlmshim {

namespace {

/// Of the network namespace that these processes share, from any that is still there. Sockets without a port, for
/// find_holders_among().
std::vector<Listener> names_around(const std::vector<Pid>& processes) {
    std::vector<Listener> sockets;
    for (const Pid pid : processes) {
        if (const auto names = os::held_names(pid)) {
            for (const os::HeldName& held : *names) {
                sockets.emplace_back().inode = held.inode;
            }
            break;
        }
    }
    return sockets;
}

/// The inodes of the sockets with a run's name that processes hold, each in its own network namespace.
std::multimap<ProcessIdentity, std::uint64_t> holders_of_names(const std::vector<ProcStat>& all) {
    std::map<std::uint64_t, std::vector<Pid>> namespaces;
    for (const ProcStat& process : all) {
        namespaces[os::network_namespace_of(process.pid)].push_back(process.pid);
    }
    std::multimap<ProcessIdentity, std::uint64_t> holders;
    for (const auto& [inode, pids] : namespaces) {
        for (const os::Holder& holder : os::find_holders_among(pids, names_around(pids)).holders) {
            holders.emplace(holder.process, holder.inode);
        }
    }
    return holders;
}

std::vector<RunCandidate> candidates_among(const std::vector<ProcStat>& all) {
    const std::multimap<ProcessIdentity, std::uint64_t> holders = holders_of_names(all);
    std::vector<RunCandidate> candidates;
    for (const ProcStat& process : all) {
        std::vector<std::uint64_t> names;
        const auto [begin, end] = holders.equal_range({process.pid, process.start_ticks});
        for (auto holder = begin; holder != end; ++holder) {
            names.push_back(holder->second);
        }
        if (!names.empty() || is_called_like_ours(process.comm)) {
            candidates.push_back({process, os::uids_of(process.pid), std::move(names), os::program_of(process.pid)});
        }
    }
    return candidates;
}

void add_environment(RunMember& member) {
    const std::string environment = os::environment_of(member.pid);
    member.has_run = find_variable(environment, run_variable).has_value();
    member.server = claimed_server(find_variable(environment, server_variable).value_or(""));
    const std::string port = find_variable(environment, first_port_variable).value_or("");
    member.first_port = read_number(port, member.first_port.number) ? member.first_port : Port{};
}

/// A run, with the processes below its root().
struct FoundRun {
    RunProcesses processes;
    std::vector<RunMember> members;
};

/// For all runs at once: the listeners are those of the whole machine.
void add_sockets(std::vector<FoundRun>& runs) {
    const std::vector<Listener> listeners = runs.empty() ? std::vector<Listener>{} : os::all_listeners();
    std::map<std::uint64_t, Port> ports;
    for (const Listener& listener : listeners) {
        ports[listener.inode] = listener.port;
    }
    std::vector<Pid> pids;
    for (const FoundRun& run : runs) {
        for (const RunMember& member : run.members) {
            pids.push_back(member.pid);
        }
    }
    std::multimap<Pid, RunMember::Socket> held;
    for (const os::Holder& holder : os::find_holders_among(pids, listeners).holders) {
        held.emplace(holder.process.pid, RunMember::Socket{holder.inode, ports[holder.inode]});
    }
    for (FoundRun& run : runs) {
        for (RunMember& member : run.members) {
            const auto [begin, end] = held.equal_range(member.pid);
            for (auto socket = begin; socket != end; ++socket) {
                member.listens.push_back(socket->second);
            }
        }
    }
}

LivingRun read_run(FoundRun found) {
    const RunProcesses& processes = found.processes;
    LivingRun run;
    run.pid = processes.to_signal();
    run.user = os::user_name(processes.user);
    run.age = os::age_of(processes.start_ticks);
    if (run.age) {
        run.since = os::wall_clock() - *run.age;
    }
    run.stopped = processes.stopped;
    SupervisorTitle title = read_supervisor_title(os::title_of(processes.root()));
    run.phase = title.phase;
    run.ports = std::move(title.ports);
    for (RunMember& member : found.members) {
        add_environment(member);
    }
    add_members(run, processes.root(), found.members);
    for (LivingRun::Server& server : run.servers) {
        server.command = os::describe_command(server.pid);
    }
    if (run.test) {
        run.test->command = os::describe_command(run.test->pid);
    }
    return run;
}

/// Asked once more: a run may have ended since its name was read.
std::size_t count_not_shown(const std::vector<os::HeldName>& names, const std::vector<RunProcesses>& runs) {
    std::set<std::uint64_t> shown;
    for (const RunProcesses& run : runs) {
        shown.insert(run.names.begin(), run.names.end());
    }
    return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const os::HeldName& held) {
        return !shown.contains(held.inode) && os::ask_for_name(held.name) == NameAnswer::Held;
    }));
}

}  // namespace

RunSearch find_living_runs() {
    // Names first: the processes of a run that holds one now are there when all are read.
    const auto names = os::held_names(os::own_pid()).value_or(std::vector<os::HeldName>{});
    std::vector<ProcStat> all;
    std::vector<RunMember> members;
    for (const Pid pid : os::all_pids()) {
        if (const auto stat = os::read_stat(pid)) {
            all.push_back(*stat);
            members.push_back({pid, stat->parent, stat->start_ticks, stat->comm});
        }
    }
    const std::vector<RunProcesses> runs = find_runs(candidates_among(all), os::effective_user());
    RunSearch search;
    search.not_shown = count_not_shown(names, runs);
    std::set<Pid> nested;
    for (const RunProcesses& run : runs) {
        nested.insert({run.to_signal(), run.root()});
    }
    members = by_parent(std::move(members));
    std::vector<FoundRun> found;
    for (const RunProcesses& run : runs) {
        found.push_back({run, members_below(run.root(), members, nested)});
    }
    add_sockets(found);
    for (FoundRun& run : found) {
        search.runs.push_back(read_run(std::move(run)));
    }
    return search;
}

}  // namespace vlmshim
