#include "vlmshim/core/report/ready_hint.hpp"

#include <algorithm>

#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

namespace {

std::string list_some(const std::vector<std::string>& words) {
    constexpr std::size_t most = 4;
    std::string list;
    for (std::size_t i = 0; i < words.size() && i < most; ++i) {
        list += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    }
    return list + (words.size() > most ? ", ..." : "");
}

bool takes_port(const ServerConfig& server) {
    const auto holds = [](const std::string& word) { return word.find("{port}") != std::string::npos; };
    return std::any_of(server.command.begin(), server.command.end(), holds) ||
           std::any_of(server.env.begin(), server.env.end(), [&](const auto& entry) { return holds(entry.second); });
}

std::string list_statuses(const std::vector<StatusRange>& ranges) {
    std::string list;
    for (const StatusRange& range : ranges) {
        const std::string one = std::to_string(range.first);
        list += (list.empty() ? "" : ", ") + (range.first == range.last ? one : one.substr(0, 1) + "xx");
    }
    return list;
}

}  // namespace

std::string ready_hint(const ServerConfig& server, const UnreadyFacts& facts) {
    const std::string question = takes_port(server) ? "" : ": does its command have --port {port}?";
    const std::string its_port = facts.port ? "port " + std::to_string(facts.port->number) : "a port";
    if (!facts.listens && !facts.elsewhere.empty()) {
        return "it listens on " + list_some(facts.elsewhere) + ", not on " + its_port + question;
    }
    if (facts.waited < ready_hint_late) {
        return {};
    }
    const int kind = facts.unwanted_status / 100;
    if (kind == 3 || kind == 4) {  // 5xx: it is still loading
        return "it answers HTTP " + std::to_string(facts.unwanted_status) + ": only " +
               list_statuses(server.ready.status) + (server.ready.status.size() == 1 ? " counts" : " count") +
               " as ready, see status in [server.ready]";
    }
    if (!facts.listens && facts.port && !facts.unix_sockets.empty()) {
        return "it listens on the Unix socket " + list_some(facts.unix_sockets) + ", not on " + its_port +
               ": unix in [server.ready] and port = \"none\" wait for that";
    }
    if (const std::vector<Port> others = other_ports(server.ready, facts.port); !others.empty() && facts.port) {
        return "its probe asks port " + std::to_string(others.front().number) + ", its port is " +
               std::to_string(facts.port->number) + ": it has to listen on both";
    }
    return {};
}

}  // namespace vlmshim
