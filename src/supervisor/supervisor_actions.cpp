// The acting half of the supervisor: one short function per Action.

#include <algorithm>

#include "vlmshim/core/auto_ports.hpp"
#include "vlmshim/core/duration.hpp"
#include "vlmshim/core/shell_words.hpp"
#include "vlmshim/core/url.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

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

// --- ports -----------------------------------------------------------------------------------

void Supervisor::carry_out(const action::LookAtPorts&) {
    const bool before = lifecycle_.phase() == Phase::Claiming;
    if (before) {
        recorder_.look_at_ports_before();
    }
    PortsState state = before ? guard_.look_before() : guard_.look_after();
    if (before && state == PortsState::Free && !choose_free_ports()) {
        state = PortsState::Held;
    }
    feed(event::PortsLooked{state});
    for (const Port port : config_.ports.guard) {
        if (before && state == PortsState::Free && guard_.is_reused(port)) {
            reused_ports_.watch(port);
        }
    }
}

/// As late as can be: until the server binds its number, anybody may take it.
bool Supervisor::choose_free_ports() {
    choose_ports(config_, os::find_free_port);
    const auto& guard = config_.ports.guard;
    if (std::find(guard.begin(), guard.end(), auto_port) != guard.end()) {
        log_.error("no free port could be found (port = \"auto\")");
        return false;
    }
    remember_chosen_ports();
    return true;
}

void Supervisor::remember_chosen_ports() {
    std::set<Port> chosen;
    for (std::size_t i = 0; i < given_.ports.guard.size(); ++i) {
        if (given_.ports.guard[i] == auto_port) {
            chosen.insert(config_.ports.guard[i]);
        }
    }
    guard_.set_chosen(std::move(chosen));
}

/// Asked when the server has exited: nobody of ours listens any more, so whoever does was faster.
bool Supervisor::port_is_lost(ServerId id) {
    if (!has_auto_port(id) || lifecycle_.phase() != Phase::Starting) {
        return false;
    }
    const Port port = at(id).config.port;
    switch (PortGuard::owner_of("", port, living_servers()).kind) {
        case ListenerOwner::Kind::Ours:
            return false;  // it has put itself into the background
        case ListenerOwner::Kind::Foreign:
            return true;
        case ListenerOwner::Kind::Unknown:
            break;
    }
    std::error_code ignored;
    return os::try_bind(port, Listener::Family::V4, ignored) == os::Bind::Held ||
           os::try_bind(port, Listener::Family::V6, ignored) == os::Bind::Held;
}

void Supervisor::carry_out(const action::ChangePort& action) {
    Server& server = at(action.server);
    const Port lost = server.config.port;
    // This may come out of the probe's own callback.
    server.readiness->stop();
    retired_probes_.push_back(std::move(server.readiness));
    server.probe_command = Pid{};
    server.foreign_answers = 0;
    change_port(config_, config_.servers[static_cast<std::size_t>(action.server)], os::find_free_port);
    remember_chosen_ports();
    log_.info("{}: somebody else took port {}: port {} instead", server.config.name, lost.number,
              server.config.port.number);
}

void Supervisor::carry_out(const action::EndHolders& action) {
    guard_.end_holders(action.signal);
}

void Supervisor::carry_out(const action::ReportHolders&) {
    guard_.report_holders();
}

// --- servers ---------------------------------------------------------------------------------

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

// --- the test --------------------------------------------------------------------------------

void Supervisor::carry_out(const action::StartTest&) {
    stop_waiting();
    if (!tree_empty_) {
        tree_.note_before_test();
    }
    os::SpawnRequest request;
    request.argv = config_.test.command;
    request.environment = os::make_environment({}, run_variables());
    request.closed = inheritance_.closed_stdio;
    request.mount_namespace = namespace_.mounts.get();
    request.inherited = os::KeepDescriptors::Yes;
    request.signals = inheritance_.signals;
    const auto outcome = os::spawn(request);
    // From now on they are the test's: a socket or pipe that we held would outlive it.
    os::close_all(inheritance_.descriptors);
    if (const auto* error = std::get_if<os::SpawnError>(&outcome)) {
        log_.error("test command '{}' not started: {}", join_command(request.argv), describe(*error, {}));
        feed(event::TestNotSpawned{os::exit_code_for(*error)});
        return;
    }
    test_ = std::get<Pid>(outcome);
    tree_empty_ = false;
    test_started_ = loop_.now();
    recorder_.test_started(test_);
    log_.debug("test started (pid {}): {}", test_.value, join_command(request.argv));
}

void Supervisor::carry_out(const action::Serve&) {
    stop_waiting();
    tell_serving();
}

void Supervisor::carry_out(const action::SignalTest& action) {
    if (test_.value != 0) {
        tree_.pass_on(test_, action.signal, action.wake ? Tree::Wake::Yes : Tree::Wake::No);
    }
}

void Supervisor::carry_out(const action::SignalGroup& action) {
    tree_.pass_on_to_group(action.signal);
}

// --- the rest --------------------------------------------------------------------------------

void Supervisor::carry_out(const action::AskLeftovers&) {
    // Once, before anybody is asked: what a server leaves when it ends is not the test's.
    const bool look_for_tests = lifecycle_.test_status().has_value() && !leftovers_looked_for_;
    leftovers_looked_for_ = leftovers_looked_for_ || look_for_tests;
    if (tree_empty_) {
        return;
    }
    if (look_for_tests) {
        const auto left = tree_.left_by_test(living_servers());
        if (!left.empty()) {
            tell_leftovers(left);
            feed(event::LeftoversFound{});
        }
    }
    tree_.ask_leftovers(living_servers());
}

void Supervisor::carry_out(const action::KillLeftovers&) {
    tree_.kill_leftovers(living_servers());
}

void Supervisor::carry_out(const action::KillEverything&) {
    // At once again while new ones turn up; then a pause, in which the kernel ends them.
    constexpr int most_rounds = 200;
    for (int round = 0; round < most_rounds && !tree_empty_; ++round) {
        const bool any_new = tree_.kill_round();
        recognise(os::reap_children());
        if (!any_new) {
            break;
        }
    }
}

void Supervisor::carry_out(const action::JudgeSurvivors&) {
    feed(event::SurvivorsJudged{tree_.any_dying() ? Survivors::Dying : Survivors::Unkillable});
}

void Supervisor::carry_out(const action::ReportSurvivors&) {
    for (const os::Descendant& survivor : tree_.survivors()) {
        const Pid pid = survivor.identity.pid;
        recorder_.survived(survivor.identity);
        log_.error("pid {} ({}), user {} cannot be ended", pid.value, os::describe_command(pid), os::user_of(pid));
    }
}

// --- time ------------------------------------------------------------------------------------

void Supervisor::carry_out(const action::StartTimer& action) {
    const auto key = std::pair{action.timer, action.server};
    auto found = timers_.find(key);
    if (found == timers_.end()) {
        const event::TimerFired event{action.timer, action.server};
        found = timers_.emplace(key, loop::Timer(loop_, [this, event] { feed(event); })).first;
    }
    found->second.start(action.after);
}

void Supervisor::carry_out(const action::StopTimer& action) {
    if (const auto found = timers_.find({action.timer, action.server}); found != timers_.end()) {
        found->second.stop();
    }
}

void Supervisor::carry_out(const action::StopAllTimers&) {
    for (auto& [key, timer] : timers_) {
        timer.stop();
    }
}

void Supervisor::carry_out(const action::Finish&) {
    tell_outcome();
    loop_.stop();
}

}  // namespace vlmshim
