// Actions about servers: started, probed, asked, killed.
#include "vlmshim/supervisor/supervisor.hpp"

#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

namespace {

std::vector<std::string> with_port(const std::vector<std::string>& words, Port port) {
    std::vector<std::string> done;
    for (const std::string& word : words) {
        done.push_back(substitute_port(word, port));
    }
    return done;
}

}  // namespace

std::map<std::string, std::string> Supervisor::run_variables() const {
    std::map<std::string, std::string> variables;
    variables[std::string(run_variable)] = run_id_;
    variables["VLMSHIM_PORT"] = std::to_string(config_.ports.guard.front().number);
    for (const ServerConfig& server : config_.servers) {
        variables[port_variable(server.name)] = std::to_string(server.port.number);
    }
    return variables;
}

os::SpawnRequest Supervisor::request_for(const ServerConfig& server, std::vector<std::string> command,
                                         const os::Fd& null) const {
    std::map<std::string, std::string> variables = run_variables();
    for (const auto& [name, value] : server.env) {
        variables[name] = substitute_port(value, server.port);
    }
    os::SpawnRequest request;
    request.argv = std::move(command);
    request.environment = os::make_environment(server.unset_env, variables);
    request.cwd = server.cwd;
    request.stdin_fd = request.stdout_fd = request.stderr_fd = null.get();
    request.mount_namespace = namespace_.mounts.get();
    request.signals = inheritance_.signals;
    return request;
}

std::variant<Pid, os::SpawnError> Supervisor::spawn_server(Server& server) {
    // Descriptors are opened late and closed early: a limit of 16 has to do.
    const os::Fd null = os::open_null();
    os::SpawnRequest request = request_for(server.config, with_port(server.config.command, server.config.port), null);
    os::Fd write_end;
    os::Fd read_end;
    switch (server.config.output.mode) {
        case OutputMode::Capture: {
            std::error_code error;
            os::Pipe pipe = os::open_pipe(error);
            if (error) {
                return os::SpawnError{os::SpawnError::Stage::Output, error};
            }
            read_end = std::move(pipe.reader);
            write_end = std::move(pipe.writer);
            request.stdout_fd = request.stderr_fd = write_end.get();
            break;
        }
        case OutputMode::File: {
            std::error_code error;
            write_end = os::open_for_append(server.config.output.path.c_str(), error);
            if (error) {
                return os::SpawnError{os::SpawnError::Stage::Output, error};
            }
            request.stdout_fd = request.stderr_fd = write_end.get();
            break;
        }
        case OutputMode::Inherit:
            request.stdout_fd = 1;
            request.stderr_fd = 2;
            request.closed = {false, inheritance_.closed_stdio[1], inheritance_.closed_stdio[2]};
            break;
        case OutputMode::Discard:
            break;
    }
    auto outcome = os::spawn(request);
    if (read_end && std::holds_alternative<Pid>(outcome)) {
        server.output = std::make_unique<loop::PipeReader>(
            loop_, std::move(read_end), [&tail = server.tail](std::string_view bytes) { tail.append(bytes); });
    }
    return outcome;
}

void Supervisor::carry_out(const action::StartServer& action) {
    Server& server = at(action.server);
    const std::string& name = server.config.name;
    if (guard_.is_reused(server.config.port)) {
        feed(event::ServerReused{action.server});
    } else {
        const auto outcome = spawn_server(server);
        if (const auto* error = std::get_if<os::SpawnError>(&outcome)) {
            const bool output = error->stage == os::SpawnError::Stage::Output;
            log_.error("{}: server command '{}' not started: {}", name,
                       join_command(with_port(server.config.command, server.config.port)),
                       describe(*error, output ? server.config.output.path : server.config.cwd));
            feed(event::ServerNotSpawned{action.server});
            return;
        }
        server.pid = std::get<Pid>(outcome);
        server.was_started = true;
        tree_empty_ = false;
        log_.info("{}: started (pid {}): {}", name, server.pid.value,
                  join_command(with_port(server.config.command, server.config.port)));
    }
    prepare_probe(action.server);
    recorder_.server_started(action.server, server.pid, server.pid.value == 0, server.readiness->target());
    server.readiness->start();
    wait_visibly();
}

void Supervisor::prepare_probe(ServerId id) {
    Server& server = at(id);
    if (server.readiness) {
        return;
    }
    server.readiness = std::make_unique<Readiness>(
        loop_, server.config,
        Readiness::Hooks{.run_command = [this, id](const auto& command) { return run_probe_command(id, command); },
                         .positive = [this, id](const ReadyAnswer& answer) { return accept_answer(id, answer); }});
}

bool Supervisor::run_probe_command(ServerId id, const std::vector<std::string>& command) {
    Server& server = at(id);
    const os::Fd null = os::open_null();
    const auto outcome = os::spawn(request_for(server.config, command, null));
    if (const auto* pid = std::get_if<Pid>(&outcome)) {
        server.probe_command = *pid;
        tree_empty_ = false;
        return true;
    }
    return false;
}

void Supervisor::carry_out(const action::StopProbes&) {
    for (Server& server : servers_) {
        if (server.readiness) {
            server.readiness->stop();
        }
    }
    stop_waiting();
}

void Supervisor::carry_out(const action::AskServer& action) {
    const Server& server = at(action.server);
    if (server.pid.value != 0) {
        tree_.ask(server.pid, server.config.stop_signal);
    }
}

void Supervisor::carry_out(const action::AskServerTree& action) {
    const Server& server = at(action.server);
    if (server.pid.value != 0) {
        tree_.ask_below(server.pid, server.config.stop_signal);
    }
}

void Supervisor::carry_out(const action::KillServer& action) {
    const Server& server = at(action.server);
    if (server.pid.value != 0 && lifecycle_.phase() == Phase::Starting) {
        tree_.kill_with_below(server.pid);  // to be started anew
    } else if (server.pid.value != 0) {
        log_.warn("{}: still there after {}: killed", server.config.name,
                  describe_duration(grace_of(server.config, config_)));
        tree_.kill_with_below(server.pid);
    }
}

bool Supervisor::accept_answer(ServerId id, const ReadyAnswer& answer) {
    Server& server = at(id);
    if (!guard_.is_reused(server.config.port)) {
        const ListenerOwner owner = PortGuard::owner_of(answer.address, answer.port, living_servers(&server));
        switch (owner.kind) {
            case ListenerOwner::Kind::Ours:
                break;
            case ListenerOwner::Kind::Unknown:
                log_.debug("{}: cannot see who listens on port {}", server.config.name, answer.port.number);
                break;
            case ListenerOwner::Kind::Foreign: {
                // A parent that ends while its chain is read looks foreign for a moment.
                constexpr int convincing = 3;
                server.impostor = owner.who;
                if (++server.foreign_answers >= convincing) {
                    feed(event::ServerImpersonated{id});
                }
                return false;
            }
        }
    }
    server.was_ready = true;
    tell_ready(server);
    recorder_.server_ready(id);
    feed(event::ServerReady{id});
    return true;
}

void Supervisor::reused_port_lost(Port port) {
    tell_reused_port_lost(port);
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i].config.port == port) {
            feed(event::ReusedServerLost{ServerId{i}});
        }
    }
}

}  // namespace vlmshim
