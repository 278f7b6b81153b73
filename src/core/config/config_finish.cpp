#include <algorithm>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

void apply_output(Config& config, const CommandLine& line, std::vector<std::string>& problems) {
    if (!line.output) {
        return;
    }
    if (config.servers.empty()) {
        problems.emplace_back(
            "--output is for a server, and there is none: give --server, or [server] in the configuration");
    } else if (line.output->mode == OutputMode::File && config.servers.size() > 1) {
        problems.emplace_back("--output file:PATH is for one server, and the configuration has " +
                              std::to_string(config.servers.size()) + ": write output in each [[server]] there");
    }
    for (ServerConfig& server : config.servers) {
        server.output = *line.output;
    }
}

void apply_server_options(Config& config, const CommandLine& line, std::vector<std::string>& problems) {
    if (line.server_command) {
        if (config.servers.size() != 1) {
            config.servers.assign(1, ServerConfig{});
        }
        config.servers.front().command = *line.server_command;
    }
    if (config.servers.size() == 1 && !line.ports.empty()) {
        config.servers.front().port = line.ports.front();
    }
    apply_output(config, line, problems);
    if (!line.ready) {
        return;
    }
    if (config.servers.size() == 1) {
        config.servers.front().ready.probe = line.ready->probe;  // the timeout stays the file's
    } else if (config.servers.empty()) {
        problems.emplace_back("--ready needs a server to wait for: give --server, or [server] in the configuration");
    } else {
        problems.emplace_back("--ready is for one server, and the configuration has " +
                              std::to_string(config.servers.size()) + ": write [server.ready] there");
    }
}

void apply_other_options(Config& config, const CommandLine& line) {
    if (line.timeout) {
        config.test.timeout = line.timeout;
    }
    if (line.grace) {
        config.shutdown_grace = *line.grace;
        config.test.grace = *line.grace;
        for (ServerConfig& server : config.servers) {
            server.grace.reset();
        }
    }
    config.ports.busy = line.busy.value_or(config.ports.busy);
    config.isolation = line.isolation.value_or(config.isolation);
    config.log.level = line.log_level.value_or(config.log.level);
    config.log.format = line.log_format.value_or(config.log.format);
    if (line.report) {
        config.report = *line.report;
    }
    if (!line.command.empty()) {
        config.test.command = line.command;
    }
}

/// -p and the servers' ports; else what the file says; else the servers' ports; else 8080. A port
/// that is chosen for a server is guarded in any case: an "auto" in the list may stand for it.
void fill_guard(Config& config, const CommandLine& line) {
    const std::vector<Port> wanted = line.ports.empty() ? config.ports.guard : line.ports;
    const bool with_servers = !line.ports.empty() || wanted.empty();
    std::vector<Port>& guard = config.ports.guard;
    auto autos = std::count(wanted.begin(), wanted.end(), auto_port);
    guard.clear();
    const auto add = [&](Port port) {
        if (port == auto_port || std::find(guard.begin(), guard.end(), port) == guard.end()) {
            guard.push_back(port);
        }
    };
    std::for_each(wanted.begin(), wanted.end(), add);
    for (const ServerConfig& server : config.servers) {
        const bool listed_already = server.port == auto_port && autos-- > 0;
        if (!listed_already && (with_servers || server.port == auto_port)) {
            add(server.port);
        }
    }
    if (guard.empty()) {
        guard.push_back(Port{8080});
    }
}

std::string describe_probe(const Ready& ready) {
    if (const auto* http = std::get_if<HttpProbe>(&ready.probe)) {
        return quote_found(http->url);
    }
    if (const auto* tcp = std::get_if<TcpProbe>(&ready.probe)) {
        return quote_found(tcp->address);
    }
    return "exec";
}

void check_servers(const std::vector<ServerConfig>& servers, std::vector<std::string>& problems) {
    for (auto later = servers.begin(); later != servers.end(); ++later) {
        for (auto earlier = servers.begin(); earlier != later; ++earlier) {
            for (const auto& clash : {name_clash(*earlier, *later), port_clash(*earlier, *later)}) {
                if (clash) {
                    problems.push_back(*clash);
                }
            }
        }
        if (const std::optional<std::string> problem = probe_problem(later->ready, later->port)) {
            problems.push_back("the readiness probe " + describe_probe(later->ready) + " of the server '" +
                               later->name + "' " + *problem);
        }
    }
}

}  // namespace

std::vector<std::string> finish_config(Config& config, const CommandLine& line) {
    std::vector<std::string> problems;
    if ((line.mode == Mode::Who || line.mode == Mode::Free) && !line.ports.empty()) {
        // The named ports and no others; what would run is of no concern.
        apply_other_options(config, line);
        config.servers.clear();
        fill_guard(config, line);
        return problems;
    }
    apply_server_options(config, line, problems);
    apply_other_options(config, line);
    fill_guard(config, line);
    check_servers(config.servers, problems);
    if (line.mode == Mode::Run && serves(config) && line.timeout) {
        problems.emplace_back("--timeout is for a test, and there is none: no command and no [test] command");
    }
    if (line.mode == Mode::Run && config.test.command.empty() && !serves(config)) {
        problems.emplace_back(
            "no command to run: give one, as in 'vlmshim -- python3 my_test.py', or [test] command "
            "in the configuration; with a server and no command vlmshim serves");
    }
    return problems;
}

}  // namespace vlmshim
