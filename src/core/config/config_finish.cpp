#include <algorithm>
#include <utility>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
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
        ServerConfig& server = config.servers.front();
        server.command = *line.server_command;
        server.external = false;
        config.typed.probe_cwd = std::exchange(server.cwd, {});
        config.typed.server = true;
        config.typed.unquoted_server = line.unquoted_server;
    }
    if (line.ready && config.servers.empty()) {
        config.servers.emplace_back().external = true;
    }
    if (config.servers.size() == 1 && !line.ports.empty()) {
        config.servers.front().port = line.ports.front();
        config.servers.front().port_given = true;
    }
    apply_output(config, line, problems);
    if (!line.ready) {
        return;
    }
    if (config.servers.size() == 1) {
        const Millis timeout = config.servers.front().ready.timeout;  // stays the file's
        config.servers.front().ready = *line.ready;
        config.servers.front().ready.timeout = timeout;
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
    if (!line.reports.empty()) {
        config.reports = line.reports;
    }
    if (!line.command.empty()) {
        config.test.command = line.command;
        config.test.cwd.clear();
        config.typed.test = true;
    }
}

/// With -p: those ports and the servers'. Else the list of the file. Else the ports of the servers and of their probes;
/// without a server 8080. An "auto" port of a server is always guarded: an "auto" in the list may stand for it.
void fill_guard(Config& config, const CommandLine& line) {
    std::vector<Port> wanted = line.ports.empty() ? config.ports.guard : line.ports;
    const bool is_externals = !line.ports.empty() && config.servers.size() == 1 && config.servers.front().external;
    if (is_externals) {
        wanted.erase(wanted.begin());  // the port of an external server is not guarded
    }
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
        if (server.external) {
            continue;
        }
        const bool listed_already = server.port == auto_port && autos-- > 0;
        if (server.port && !listed_already && (with_servers || server.port == auto_port)) {
            add(*server.port);
        }
        if (with_servers) {
            const std::vector<Port> others = other_ports(server.ready, server.port);
            std::for_each(others.begin(), others.end(), add);
        }
    }
    if (guard.empty() && config.servers.empty()) {
        guard.push_back(default_port);
    }
}

void check_servers(const Config& config, std::vector<std::string>& problems) {
    const std::vector<ServerConfig>& servers = config.servers;
    for (auto later = servers.begin(); later != servers.end(); ++later) {
        for (auto earlier = servers.begin(); earlier != later; ++earlier) {
            for (const auto& clash : {name_clash(*earlier, *later), port_clash(*earlier, *later)}) {
                if (clash) {
                    problems.push_back(*clash);
                }
            }
        }
        for (const ReadyProblem& problem : ready_problems(*later)) {
            problems.push_back("the readiness probe " +
                               (problem.value.empty() ? "" : quote_found(problem.value) + " ") + "of the server '" +
                               later->name + "' " + problem.message);
        }
        for (const ServerProblem& problem : external_problems(*later)) {
            problems.push_back("'" + std::string(problem.key) + "' of the server '" + later->name + "' " +
                               problem.message);
        }
        const auto& guard = config.ports.guard;
        if (later->external && later->port && std::find(guard.begin(), guard.end(), *later->port) != guard.end()) {
            problems.push_back("port " + std::to_string(later->port->number) + " is that of the external server '" +
                               later->name + "', which is never ended: it cannot be guarded");
        }
    }
}

/// What follows a message when a configuration could have helped.
std::string about_no_file(const Config& config, const CommandLine& line, const std::vector<std::string>& searched) {
    if (!config.file.empty()) {
        return "; the configuration is " + toml_key(config.file);
    }
    if (line.no_config) {
        return "; --no-config: no configuration was looked for";
    }
    return searched.empty() ? "" : "; " + describe_search(searched) + "; vlmshim --init writes one";
}

}  // namespace

std::vector<std::string> finish_config(Config& config, const CommandLine& line,
                                       const std::vector<std::string>& searched) {
    std::vector<std::string> problems;
    if (takes_ports(line.mode) && !line.ports.empty()) {
        // The named ports and no others: the configured servers do not matter.
        apply_other_options(config, line);
        config.servers.clear();
        fill_guard(config, line);
        return problems;
    }
    apply_server_options(config, line, problems);
    const std::string no_file = about_no_file(config, line, searched);
    for (std::string& problem : problems) {
        problem += config.servers.empty() ? no_file : "";
    }
    apply_other_options(config, line);
    for (ServerConfig& server : config.servers) {
        settle_port(server);
        server.port_given = true;
    }
    fill_guard(config, line);
    check_servers(config, problems);
    if (line.mode == Mode::Run && serves(config) && line.timeout) {
        problems.emplace_back("--timeout is for a test, and there is none: no command and no [test] command");
    }
    if (line.mode == Mode::Run && config.test.command.empty() && !serves(config)) {
        problems.emplace_back(
            "no command to run: give one, as in 'vlmshim -- python3 my_test.py', or [test] command "
            "in the configuration; with a server and no command vlmshim serves" +
            no_file);
    }
    return problems;
}

}  // namespace vlmshim
