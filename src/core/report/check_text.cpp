#include "vlmshim/core/report/check_text.hpp"

#include <algorithm>

#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/report/start_text.hpp"
#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

using Lines = std::vector<std::string>;

std::string name_of(const ServerConfig& server) {
    return "server '" + server.name + "'";
}

std::string text_of(Port port) {
    return port == auto_port ? "auto" : std::to_string(port.number);
}

/// Empty: it can be executed, as far as is known.
std::string problem_of(const std::vector<std::string>& command, const ProgramFacts& program, WrittenIn where) {
    const bool can_be =
        program.file == ProgramFacts::File::Regular && program.executable && program.interpreter_is_there;
    return can_be ? "" : why_not_executed(command, program, "it cannot be executed", where);
}

/// As a whole number, not as a part of another one.
bool holds_number(const std::string& text, const std::string& number) {
    const auto is_digit_at = [&](std::size_t at) { return at < text.size() && is_digit(text[at]); };
    for (std::size_t at = text.find(number); at != std::string::npos; at = text.find(number, at + 1)) {
        if (!is_digit_at(at + number.size()) && (at == 0 || !is_digit_at(at - 1))) {
            return true;
        }
    }
    return false;
}

/// By {port}, by the number, or by the variable that has it.
bool names_port(const std::string& text, const ServerConfig& server) {
    return text.find("{port}") != std::string::npos || text.find("VLMSHIM_PORT") != std::string::npos ||
           (server.port != auto_port && holds_number(text, text_of(*server.port)));
}

bool is_told_port(const ServerConfig& server) {
    const auto names = [&](const std::string& text) { return names_port(text, server); };
    return std::any_of(server.command.begin(), server.command.end(), names) ||
           std::any_of(server.env.begin(), server.env.end(), [&](const auto& entry) { return names(entry.second); });
}

bool is_guarded(const Config& config, Port port) {
    const std::vector<Port>& guard = config.ports.guard;
    return std::find(guard.begin(), guard.end(), port) != guard.end();
}

void check_port(const Config& config, const ServerConfig& server, Lines& lines) {
    if (server.command.empty() || !server.port || !is_guarded(config, *server.port) || is_told_port(server)) {
        return;
    }
    lines.push_back(name_of(server) + " is not told its port: {port} is neither in its command nor in its env; " +
                    (server.port == auto_port
                         ? "with port = \"auto\" it has to read " + port_variable(server.name)
                         : "unless it listens on " + text_of(*server.port) + " by itself, it will not be ready"));
}

void check_probe_port(const ServerConfig& server, Lines& lines) {
    for (const Port asked : server.port ? other_ports(server.ready, server.port) : std::vector<Port>{}) {
        lines.push_back(name_of(server) + " has port " + text_of(*server.port) + ", but is asked on port " +
                        text_of(asked) +
                        " whether it is ready: write {port} in [server.ready], or port = " + text_of(asked));
    }
}

std::string describe_folder(FileKind kind) {
    return kind == FileKind::None ? "is not there, or may not be entered" : "is not a folder";
}

void check_server(const Config& config, const ServerConfig& server, const RunFacts::Server& facts, Lines& lines) {
    const auto add = [&](const std::string& text) { lines.push_back(name_of(server) + text); };
    if (facts.cwd != FileKind::Folder) {
        add(" cannot be started: its cwd " + join_command({server.cwd}) + " " + describe_folder(facts.cwd));
    } else if (facts.program) {
        const WrittenIn where = config.typed.server ? WrittenIn::ServerOption : WrittenIn::File;
        const std::string problem = problem_of(server.command, *facts.program, where);
        if (!problem.empty()) {
            add(" cannot be started: '" + join_command(server.command) + "': " + problem);
        }
    }
    if (facts.probe) {
        const std::string problem = problem_of(server.ready.exec, *facts.probe, WrittenIn::File);
        if (!problem.empty()) {
            add(" will not be ready: '" + join_command(server.ready.exec) + "': " + problem);
        }
    }
    if (facts.lacks_curl) {
        add(" will not be ready: curl(1), which asks it, is not in PATH");
    }
    if (!facts.output_problem.empty()) {
        add(" cannot be started: its output " + join_command({server.output.path}) + ": " + facts.output_problem);
    }
    check_port(config, server, lines);
    check_probe_port(server, lines);
}

void check_room(const ProcessRoom& room, Lines& lines) {
    constexpr std::uint64_t enough = 64;  // a model server has a thread or two for each processor
    const std::uint64_t left = room.limit > room.used ? room.limit - room.used : 0;
    if (left < enough) {
        lines.push_back("this user may have " + std::to_string(room.limit) +
                        " processes and threads (ulimit -u), and " + std::to_string(room.used) +
                        " are there: servers and test have room for " + std::to_string(left) + " more");
    }
}

}  // namespace

std::vector<std::string> what_will_not_work(const Config& config, const RunFacts& facts) {
    Lines lines;
    for (std::size_t i = 0; i < config.servers.size() && i < facts.servers.size(); ++i) {
        check_server(config, config.servers[i], facts.servers[i], lines);
    }
    if (facts.test_cwd != FileKind::Folder) {
        lines.push_back("the test cannot be started: its cwd " + join_command({config.test.cwd}) + " " +
                        describe_folder(facts.test_cwd));
    } else if (facts.test && !config.test.command.empty()) {
        const WrittenIn where = config.typed.test ? WrittenIn::CommandLine : WrittenIn::File;
        const std::string problem = problem_of(config.test.command, *facts.test, where);
        if (!problem.empty()) {
            lines.push_back("the test '" + join_command(config.test.command) + "' cannot be started: " + problem);
        }
    }
    lines.insert(lines.end(), facts.ports.begin(), facts.ports.end());
    lines.insert(lines.end(), facts.report_problems.begin(), facts.report_problems.end());
    if (facts.room) {
        check_room(*facts.room, lines);
    }
    if (!facts.no_namespace.empty()) {
        lines.push_back("pid_namespace = true (--isolate) is not possible here: " + facts.no_namespace +
                        "; it needs root, or unprivileged user namespaces");
    }
    return lines;
}

}  // namespace vlmshim
