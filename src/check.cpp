#include "vlmshim/check.hpp"

#include <algorithm>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/report/check_text.hpp"
#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/limits.hpp"
#include "vlmshim/os/pid_namespace.hpp"
#include "vlmshim/os/program.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/written_file.hpp"
#include "vlmshim/print.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

namespace {

/// Keeps the warnings and errors.
class KeptLog final : public Log {
public:
    KeptLog() : Log(LogLevel::Warning) {}

    const std::vector<std::string>& lines() const { return lines_; }

    void annotate_failure(std::string_view) override {}
    void show_output(std::string_view, std::string_view) override {}
    bool has_live_line() const override { return false; }
    void show_live_line(const std::string&, const std::string&) override {}
    void erase_live_line() override {}

private:
    void write(LogLevel, const std::string& text) override { lines_.push_back(text); }

    std::vector<std::string> lines_;
};

/// What the look before a run would say, except of ports that it would choose.
std::vector<std::string> look_at_ports(Config config) {
    config.ports.guard = known_ports(config.ports.guard);
    if (config.ports.guard.empty()) {
        return {};
    }
    const PortNumbers numbers(config);
    const SystemSockets sockets;
    SystemProcesses processes;
    EndedLog ended(processes, EndedLog::Wanted::No);
    KeptLog log;
    PortGuard guard(config.ports, numbers, sockets, processes, ended, log);
    PortsState state = PortsState::Settling;
    while (state == PortsState::Settling) {
        state = guard.look(LookTime::Before);
    }
    std::vector<std::string> lines;
    switch (state) {
        case PortsState::Held:
            lines.push_back(guard.why_busy());
            break;
        case PortsState::Endable:
            guard.report_holders();
            break;
        case PortsState::Free:
        case PortsState::Settling:
            break;
    }
    for (const std::string& line : log.lines()) {
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
            lines.push_back(state == PortsState::Endable ? line + ": a run ends that first" : line);
        }
    }
    return lines;
}

FileKind kind_of_folder(const std::string& path) {
    std::error_code error;
    if (path.empty() || os::open_folder(path, error)) {
        return FileKind::Folder;
    }
    return error == std::errc::not_a_directory ? FileKind::Regular : FileKind::None;
}

std::string output_problem(const Output& output) {
    if (output.mode != OutputMode::File || descriptor_named(output.path)) {
        return {};
    }
    std::error_code error;
    if (!os::open_folder(split_path(output.path).folder, error)) {
        return error.message();
    }
    error = os::WrittenFile(output.path).refusal();
    return error ? error.message() : "";
}

bool lacks_curl(const ServerConfig& server) {
    return needs_curl(server.ready, server.port) &&
           !os::look_at_program("curl", os::make_environment({}, {}), "").executable;
}

RunFacts::Server look_at(const ServerConfig& server, const std::string& cwd_of_probe) {
    const std::vector<std::string> environment = os::make_environment(server.unset_env, server.env);
    const auto look = [&](const std::vector<std::string>& command,
                          const std::string& cwd) -> std::optional<ProgramFacts> {
        if (command.empty()) {
            return std::nullopt;
        }
        const std::string& word = command.front();
        const std::string program = server.port ? substitute_port(word, *server.port) : word;
        if (server.port == auto_port && program != word) {
            return std::nullopt;  // a number is chosen for a run only
        }
        return os::look_at_program(program, environment, cwd);
    };
    RunFacts::Server facts;
    facts.cwd = kind_of_folder(server.cwd);
    facts.program = look(server.command, server.cwd);
    facts.probe = look(server.ready.exec, cwd_of_probe);
    facts.lacks_curl = lacks_curl(server);
    facts.output_problem = output_problem(server.output);
    return facts;
}

RunFacts look_around(const Config& config, const os::Inheritance& inheritance) {
    RunFacts facts;
    for (const ServerConfig& server : config.servers) {
        facts.servers.push_back(look_at(server, probe_cwd(server, config)));
    }
    if (!config.test.command.empty()) {
        const std::vector<std::string> environment = os::make_environment(config.test.unset_env, config.test.env);
        facts.test = os::look_at_program(config.test.command.front(), environment, config.test.cwd);
        facts.test_cwd = kind_of_folder(config.test.cwd);
    }
    facts.report_problems = ReportFiles(config.reports, inheritance).leave_out_refused();
    facts.ports = look_at_ports(config);
    facts.room = os::process_room();
    switch (config.isolation) {
        case Isolation::None:
            break;
        case Isolation::PidNamespace:
            facts.no_namespace = os::why_no_pid_namespace();
            break;
    }
    return facts;
}

}  // namespace

std::vector<std::string> missing_programs(const Config& config) {
    std::vector<std::string> missing;
    for (const ServerConfig& server : config.servers) {
        if (lacks_curl(server)) {
            missing.push_back("the readiness probe \"" + server.ready.http + "\" of the server '" + server.name +
                              "' is asked through curl(1), which is not in PATH: install it, or use tcp, log or exec");
        }
    }
    return missing;
}

int check(const LoadedConfig& loaded, const os::Inheritance& inheritance) {
    const Config& config = loaded.config;
    const int printed = print(print_config(config, loaded.folders));
    const StderrLog log(config.log);
    for (const std::string& line : what_will_not_work(config, look_around(config, inheritance))) {
        log->warn(line);
    }
    return printed;
}

}  // namespace vlmshim
