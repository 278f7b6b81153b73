#include "vlmshim/supervisor/launcher.hpp"

#include <unistd.h>

#include <utility>

#include "vlmshim/core/report/start_text.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

namespace {

/// Also the variables that a vlmshim around this run has set.
std::vector<std::string> with_outer_run(std::vector<std::string> unset) {
    unset.insert(unset.end(), {std::string(server_variable), std::string(first_port_variable)});
    return unset;
}

}  // namespace

Launcher::Launcher(const Config& config, const PortNumbers& ports, const os::Inheritance& inheritance, std::string run,
                   int mount_namespace, std::function<void()> started)
    : config_(config),
      ports_(ports),
      inheritance_(inheritance),
      run_(std::move(run)),
      mount_namespace_(mount_namespace),
      files_(inheritance),
      callers_descriptors_(inheritance.descriptors),
      started_(std::move(started)) {}

std::variant<Pid, os::SpawnError> Launcher::spawn(const os::SpawnRequest& request) const {
    auto outcome = os::spawn(request);
    if (std::holds_alternative<Pid>(outcome)) {
        started_();
    }
    return outcome;
}

std::map<std::string, std::string> Launcher::run_variables() const {
    std::map<std::string, std::string> variables;
    variables[std::string(run_variable)] = run_;
    for (std::size_t i = 0; i < config_.servers.size(); ++i) {
        if (const std::optional<Port> port = ports_.of(i)) {
            variables[port_variable(config_.servers[i].name)] = std::to_string(port->number);
        }
    }
    if (const std::optional<Port> first = first_port()) {
        variables[std::string(first_port_variable)] = std::to_string(first->number);
    }
    return variables;
}

std::optional<Port> Launcher::first_port() const {
    if (!ports_.guarded().empty()) {
        return ports_.guarded().front();
    }
    for (std::size_t i = 0; i < config_.servers.size(); ++i) {
        if (const std::optional<Port> port = ports_.of(i)) {
            return port;
        }
    }
    return std::nullopt;
}

template <typename Text>
Text Launcher::with_port(ServerId server, const Text& text) const {
    const std::optional<Port> port = ports_.of(index_of(server));
    return port ? substitute_port(text, *port) : text;
}

std::string Launcher::why_not_started(ServerId id, const os::SpawnError& error) const {
    const ServerConfig& server = config_.servers[index_of(id)];
    switch (error.stage) {
        case os::SpawnError::Stage::Exec:
            return why_not_executed(command_of(id), error.program, error.error.message(),
                                    config_.typed.server ? WrittenIn::ServerOption : WrittenIn::File);
        case os::SpawnError::Stage::Output:
            return describe(error, server.output.path);
        case os::SpawnError::Stage::Directory:
        case os::SpawnError::Stage::Fork:
        case os::SpawnError::Stage::Namespace:
            break;
    }
    return describe(error, server.cwd);
}

std::string Launcher::why_probe_not_started(ServerId id, const std::vector<std::string>& command,
                                            const os::SpawnError& error) const {
    return error.stage == os::SpawnError::Stage::Exec
               ? why_not_executed(command, error.program, error.error.message(), WrittenIn::File)
               : describe(error, probe_cwd(config_.servers[index_of(id)], config_));
}

std::string Launcher::why_test_not_started(const os::SpawnError& error) const {
    return error.stage == os::SpawnError::Stage::Exec
               ? why_not_executed(config_.test.command, error.program, error.error.message(),
                                  config_.typed.test ? WrittenIn::CommandLine : WrittenIn::File)
               : describe(error, config_.test.cwd);
}

std::vector<std::string> Launcher::command_of(ServerId server) const {
    return with_port(server, config_.servers[index_of(server)].command);
}

std::string Launcher::log_pattern_of(ServerId server) const {
    return with_port(server, config_.servers[index_of(server)].ready.log);
}

os::SpawnRequest Launcher::request_for(ServerId id, std::vector<std::string> command, Belongs what) const {
    const ServerConfig& server = config_.servers[index_of(id)];
    std::map<std::string, std::string> variables = run_variables();
    for (const auto& [name, value] : server.env) {
        variables[name] = with_port(id, value);
    }
    if (what == Belongs::ToServer) {
        variables[std::string(server_variable)] = server.name;
    }
    os::SpawnRequest request;
    request.argv = std::move(command);
    request.environment = os::make_environment(with_outer_run(server.unset_env), variables);
    request.cwd = what == Belongs::ToServer ? server.cwd : probe_cwd(server, config_);
    request.mount_namespace = mount_namespace_;
    request.signals = inheritance_.signals;
    return request;
}

std::variant<Pid, os::SpawnError> Launcher::start_server(ServerId server, int output) {
    os::SpawnRequest request = request_for(server, command_of(server), Belongs::ToServer);
    request.stdin_fd = input_of(server);
    request.stdout_fd = request.stderr_fd = output >= 0 ? output : os::null_device;
    return spawn(request);
}

std::variant<Pid, os::SpawnError> Launcher::start_server_into_file(ServerId server) {
    std::error_code error;
    const os::Fd file = files_.open(config_.servers[index_of(server)].output.path, error);
    return file ? start_server(server, file.get())
                : std::variant<Pid, os::SpawnError>(os::SpawnError{os::SpawnError::Stage::Output, error, {}});
}

std::variant<Pid, os::SpawnError> Launcher::start_server_on_our_output(ServerId server) {
    os::SpawnRequest request = request_for(server, command_of(server), Belongs::ToServer);
    request.stdin_fd = input_of(server);
    request.stdout_fd = STDOUT_FILENO;
    request.stderr_fd = STDERR_FILENO;
    request.closed = {false, inheritance_.closed_stdio[1], inheritance_.closed_stdio[2]};
    return spawn(request);
}

std::variant<Pid, os::SpawnError> Launcher::start_probe(ServerId server,
                                                        const std::vector<std::string>& command) const {
    os::SpawnRequest request = request_for(server, command, Belongs::ToNone);
    request.stdin_fd = request.stdout_fd = request.stderr_fd = os::null_device;
    return spawn(request);
}

std::variant<Pid, os::SpawnError> Launcher::start_curl(const std::vector<std::string>& command, int input,
                                                       int output) const {
    os::SpawnRequest request;
    request.argv = command;
    request.environment = os::make_environment({std::string(server_variable)}, run_variables());
    request.stdin_fd = input;
    request.stdout_fd = request.stderr_fd = output;
    request.mount_namespace = mount_namespace_;
    request.signals = inheritance_.signals;
    return spawn(request);
}

/// The writing end stays open for as long as we live: such a server exits at the end of its input.
int Launcher::input_of(ServerId server) {
    switch (config_.servers[index_of(server)].input) {
        case Input::Null:
            break;
        case Input::Open:
            std::error_code error;
            inputs_[server] = os::open_pipe(error);
            return error ? os::null_device : inputs_[server].reader.get();
    }
    return os::null_device;
}

std::variant<Pid, os::SpawnError> Launcher::start_test() {
    os::SpawnRequest request;
    request.argv = config_.test.command;
    request.cwd = config_.test.cwd;
    std::map<std::string, std::string> variables = run_variables();
    const std::optional<Port> port = first_port();
    for (const auto& [name, value] : config_.test.env) {
        variables[name] = port ? substitute_port(value, *port) : value;
    }
    request.environment = os::make_environment(with_outer_run(config_.test.unset_env), variables);
    request.closed = inheritance_.closed_stdio;
    request.mount_namespace = mount_namespace_;
    request.inherited = os::KeepDescriptors::Yes;
    request.signals = inheritance_.signals;
    auto outcome = spawn(request);
    close_callers_descriptors();
    return outcome;
}

void Launcher::close_callers_descriptors() {
    os::close_all(std::exchange(callers_descriptors_, {}));
}

}  // namespace vlmshim
