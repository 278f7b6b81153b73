#include "vlmshim/core/report/busy_port.hpp"

#include <algorithm>
#include <set>

namespace vlmshim {

namespace {

constexpr std::size_t most_addresses = 3;

std::string list_addresses(const std::vector<std::string>& addresses) {
    std::string list;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (i == most_addresses && addresses.size() > most_addresses + 1) {
            return list + " and " + std::to_string(addresses.size() - i) + " more";
        }
        const bool last = i + 1 == addresses.size();
        list += (i == 0 ? "" : last ? " and " : ", ") + addresses[i];
    }
    return list;
}

bool is_untouchable(const BusyHolder& holder) {
    return !holder.facts.visible || !why_never_ended(holder.facts, holder.pid).empty();
}

/// What ends the holders, each once.
struct Enders {
    std::set<Pid> runs{};  // by their keepers
    std::set<Pid> processes{};
    std::set<Port> as_root{};
    std::set<std::string> behind{};
    bool end_all = true;  // else a holder would be left, and ending the others would not help
};

void add_ender(const BusyHolder& holder, Enders& enders) {
    const std::string name = holder.published_by_docker ? std::string(docker_proxy_name) : holder.short_name;
    const std::string behind = what_is_behind(name, holder.pid, holder.port);
    const bool is_above_us = holder.facts.visible && (holder.facts.ancestor_or_init || holder.run_is_ours);
    if (!behind.empty()) {
        enders.behind.insert(behind);
    } else if (!holder.is_looked_up || is_above_us || holder.facts.passed_on) {  // NOLINT(bugprone-branch-clone)
        enders.end_all = false;
    } else if (holder.run.state == RunOfProcess::State::Alive && holder.run.keeper.value != 0) {
        enders.runs.insert(holder.run.keeper);
    } else if (holder.facts.visible && holder.may_be_signalled) {
        enders.processes.insert(holder.pid);
    } else if (holder.facts.visible ? !holder.facts.spared : holder.root_would_see) {
        enders.as_root.insert(holder.port);
    } else {
        enders.end_all = false;
    }
}

std::string kill_command(const std::set<Pid>& pids) {
    std::string command = "kill";
    for (const Pid pid : pids) {
        command += " " + std::to_string(pid.value);
    }
    return command;
}

std::string free_command(const std::set<Port>& ports) {
    std::string command = "sudo vlmshim --free";
    for (const Port port : ports) {
        command += " " + std::to_string(port.number);
    }
    return command;
}

std::string to_end(const std::set<Pid>& pids, const char* one, const char* several) {
    return std::string("end ") + (pids.size() == 1 ? one : several) + " (" + kill_command(pids) + ")";
}

/// All of the steps are needed.
std::string way_to_end(const Enders& enders) {
    std::vector<std::string> steps;
    for (const std::string& command : enders.behind) {
        steps.push_back("stop what is behind it (" + command + " shows that)");
    }
    if (!enders.runs.empty()) {
        steps.push_back(to_end(enders.runs, "that run", "those runs"));
    }
    if (!enders.processes.empty()) {
        steps.push_back(to_end(enders.processes, "it", "them"));
    }
    if (!enders.as_root.empty()) {
        steps.push_back("end it as root (" + free_command(enders.as_root) + ")");
    }
    std::string way;
    for (const std::string& step : steps) {
        way += (way.empty() ? "" : " and ") + step;
    }
    return way;
}

std::string join_ways(const std::vector<std::string>& ways) {
    std::string text;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        const bool last = i + 1 == ways.size();
        text += (i == 0 ? "" : last && i == 1 ? " or " : last ? ", or " : ", ") + ways[i];
    }
    return text;
}

}  // namespace

std::string why_never_ended(const HolderFacts& facts, Pid pid) {
    if (facts.ancestor_or_init) {
        return pid.value == 1 ? "it is PID 1" : "it is an ancestor of this command";
    }
    if (facts.spared) {
        return "[ports] spare names it";
    }
    return facts.passed_on ? "the socket is not its own: end the process that has passed it on" : "";
}

std::string what_is_behind(const std::string& short_name, Pid pid, Port port) {
    if (short_name == docker_proxy_name) {
        return "docker ps --filter publish=" + std::to_string(port.number);
    }
    // It listens for the services that it starts at the first connection, systemd.socket(5).
    return pid.value == 1 && short_name == "systemd" ? "systemctl list-sockets" : "";
}

std::string describe_busy(const BusyHolder& holder) {
    std::string text = "port " + std::to_string(holder.port.number) + " is busy: " + holder.description +
                       " listens on " + list_addresses(holder.addresses);
    if (!holder.facts.visible) {
        return text + (holder.not_visible_because.empty() ? "" : ": " + holder.not_visible_because);
    }
    if (const std::string why = why_never_ended(holder.facts, holder.pid); !why.empty()) {
        return text + ", and is never ended for it: " + why;
    }
    if (holder.run_is_ours) {
        return text + "; it belongs to " + name_of_living(holder.run) + ", which this command is part of";
    }
    return text + (holder.run.may_live() ? "; it belongs to " + describe_living(holder.run) : "");
}

std::string ways_out_of_busy(const std::vector<BusyHolder>& holders, Busy busy) {
    Enders enders;
    for (const BusyHolder& holder : holders) {
        add_ender(holder, enders);
    }
    std::vector<std::string> ways;
    if (const std::string way = way_to_end(enders); enders.end_all && !way.empty()) {
        ways.push_back(way);
    }
    const auto may_be_ended = [](const BusyHolder& holder) {
        const bool of_known_run = holder.run.state == RunOfProcess::State::Alive;  // better signal its keeper
        return !is_untouchable(holder) && holder.may_be_signalled && !of_known_run;
    };
    if (busy == Busy::Fail && std::all_of(holders.begin(), holders.end(), may_be_ended)) {
        ways.emplace_back("have it ended (--busy=kill)");
    }
    if (std::all_of(holders.begin(), holders.end(), [](const BusyHolder& one) { return one.is_looked_up; })) {
        ways.emplace_back("use it as it is (--busy=reuse)");
        ways.emplace_back("choose another port (--port)");
    }
    return join_ways(ways);
}

}  // namespace vlmshim
