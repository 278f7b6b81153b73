// What the supervisor says to the user. Silent when there was nothing to do.
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/listeners.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t tail_lines = 20;

std::string plural(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : noun == std::string("process") ? "es" : "s");
}

std::string list_ports(const std::vector<Port>& ports) {
    std::string text;
    for (const Port port : ports) {
        text += (text.empty() ? "" : ", ") + std::to_string(port.number);
    }
    return (ports.size() == 1 ? "port " : "ports ") + text;
}

const char* when_it_died(Phase phase) {
    switch (phase) {
        case Phase::Claiming:
        case Phase::Starting:
            return "before it was ready";
        case Phase::Serving:
            return "while it was serving";
        case Phase::Testing:
        case Phase::Stopping:
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
    return "while the test was running";
}

}  // namespace

void Supervisor::tell(const event::ServerExited& event) {
    const Server& server = at(event.server);
    const Phase phase = lifecycle_.phase();
    const bool expected = phase != Phase::Starting && phase != Phase::Testing && phase != Phase::Serving;
    if (expected || event.port_lost) {
        log_.debug("{}: {}", server.config.name, describe(event.status));
    } else if (server.config.on_exit == OnExit::Ignore) {
        log_.info("{}: {} (on_exit = \"ignore\")", server.config.name, describe(event.status));
    } else {
        log_.error("{}: {} {}", server.config.name, describe(event.status), when_it_died(phase));
    }
}

void Supervisor::tell(const event::TestExited& event) {
    const auto level = servers_.empty() ? spdlog::level::debug : spdlog::level::info;
    log_.log(level, "test {} after {}", describe(event.status), describe_duration(loop_.now() - test_started_));
}

void Supervisor::tell_signal(const SignalInfo& info, const SignalMeaning& meaning) {
    const bool about_job = std::holds_alternative<meaning::Nothing>(meaning) ||
                           std::holds_alternative<meaning::WantsTerminal>(meaning) ||
                           std::holds_alternative<meaning::StopJob>(meaning);
    if (about_job) {
        return;
    }
    const bool ends_run =
        std::holds_alternative<meaning::EndRun>(meaning) || std::holds_alternative<meaning::EndNow>(meaning);
    std::string sender = "the kernel";
    const bool from_terminal = info.code == SignalCode::Kernel;  // who typed it, knows
    if (info.sender.value != 0) {
        sender = "pid " + std::to_string(info.sender.value) + " (" + os::describe_command(info.sender) + ")";
    } else if (info.code == SignalCode::Kernel) {
        sender = "the terminal";
    } else {
        sender = "a process outside our PID namespace";
    }
    recorder_.signal_came(info, sender);
    log_.log(ends_run && !from_terminal ? spdlog::level::info : spdlog::level::debug, "{} from {}",
             signal_name(info.signal), sender);
}

void Supervisor::tell_ready(const Server& server) {
    log_.info("{}: ready after {} ({})", server.config.name, describe_duration(server.readiness->waited()),
              server.readiness->target());
}

void Supervisor::tell_serving() {
    std::string names;
    for (const Server& server : servers_) {
        names += (names.empty() ? "" : ", ") + server.config.name;
    }
    log_.info("serving {} on {}: {}", names, list_ports(config_.ports.guard),
              job_.in_foreground() ? "^C ends it" : "SIGINT or SIGTERM ends it");
}

void Supervisor::tell_reused_port_lost(Port port) {
    const Phase phase = lifecycle_.phase();
    if (phase < Phase::Stopping) {
        log_.warn("port {}: the server that is used as it is has ended, nobody listens any more{}", port.number,
                  phase == Phase::Testing ? "; the test goes on" : "");
    }
}

std::vector<std::string> Supervisor::describe_leftovers(const std::vector<os::ProcessIdentity>& leftovers) const {
    constexpr std::size_t most_named = 10;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < leftovers.size() && i < most_named; ++i) {
        const Pid pid = leftovers[i].pid;
        lines.push_back("pid " + std::to_string(pid.value) + " (" + os::describe_command(pid) + ")");
    }
    if (leftovers.size() > most_named) {
        lines.push_back(std::to_string(leftovers.size() - most_named) + " more");
    }
    return lines;
}

void Supervisor::tell_leftovers(const std::vector<std::string>& lines) {
    const auto level = config_.test.leftovers == Leftovers::Fail ? spdlog::level::err : spdlog::level::info;
    for (const std::string& line : lines) {
        log_.log(level, "left behind by the test: {}", line);
    }
}

void Supervisor::show_tail(const Server& server) {
    if (!server.was_started) {
        return;  // somebody else's, used as it was
    }
    switch (server.config.output.mode) {
        case OutputMode::Capture:
            break;
        case OutputMode::File:
            log_.error("{}: its output is in {}", server.config.name, server.config.output.path);
            return;
        case OutputMode::Inherit:
        case OutputMode::Discard:
            return;
    }
    if (server.output) {
        server.output->drain_now();
    }
    const auto lines = server.tail.last_lines(tail_lines);
    if (lines.empty()) {
        log_.error("{}: it printed nothing", server.config.name);
    }
    for (const std::string& line : lines) {
        log_.error("{}| {}", server.config.name, line);
    }
}

/// The one line that people look for: who is gone, how long it took, what is free again.
void Supervisor::tell_ended() {
    std::string names;
    for (const Server& server : servers_) {
        names += server.was_started ? (names.empty() ? "" : ", ") + server.config.name : "";
    }
    std::vector<Port> ports;
    for (const Port port : config_.ports.guard) {
        if (port != auto_port && !guard_.is_reused(port)) {
            ports.push_back(port);
        }
    }
    const std::string free =
        ports.empty() ? "" : ", " + list_ports(ports) + (ports.size() == 1 ? " is free" : " are free");
    const std::string count = plural(tree_.seen(), "process");
    if (tree_.seen() == 0) {
        // ^C, for one, has reached the servers as well.
        log_.info("{}{}", names.empty() ? "nothing was left to end" : names + " had ended already", free);
    } else {
        log_.info("ended {} in {}{}", names.empty() ? count : names + " (" + count + ")",
                  describe_duration(loop_.now() - drain_started_), free);
    }
}

void Supervisor::tell_outcome() {
    const Failure failure = lifecycle_.failure();
    const auto id = lifecycle_.failed_server();
    const Server* server = id ? &at(*id) : nullptr;
    const bool clean = failure != Failure::NotCleaned && failure != Failure::PortBusy;
    if (clean && (!servers_.empty() || tree_.seen() > 0)) {
        tell_ended();
    }
    if (server != nullptr && failure != Failure::ServerNotStarted) {
        show_tail(*server);
    }
    const int status = shell_status(lifecycle_.status());
    const auto conclude = [&](const std::string& why) {
        log_.error("{} (exit status {})", why, status);
        log::annotate_failure(config_.log, why);
        recorder_.failed_because(why);
    };
    switch (failure) {
        case Failure::None:
        case Failure::Interrupted:
        case Failure::KeeperLost:
            break;
        case Failure::PortBusy:
            conclude("nothing was started: " + guard_.why_busy());
            break;
        case Failure::ServerNotStarted:
            conclude("server '" + server->config.name + "' could not be started, the test was not run");
            break;
        case Failure::ServerDied: {
            const bool test_ran = lifecycle_.test_status().has_value();
            const char* when = server->was_ready && serves(config_) ? " died while it was serving"
                               : test_ran                           ? " died while the test was running"
                               : serves(config_)                    ? " died before it was ready"
                                                                    : " died before it was ready, the test was not run";
            conclude("server '" + server->config.name + "'" + when);
            break;
        }
        case Failure::ServerNotReady:
            conclude("server '" + server->config.name + "' was not ready within " +
                     describe_duration(server->config.ready.timeout) + " (" + server->readiness->target() +
                     ", last answer: " + server->readiness->last_answer() + "), the test was not run");
            break;
        case Failure::ServerNotOurs:
            conclude("server '" + server->config.name + "' is not the one that answers at " +
                     server->readiness->target() + ": that is " + server->impostor + "; the test was not run");
            break;
        case Failure::TestNotStarted:
            conclude("test command '" + join_command(config_.test.command) + "' could not be started");
            break;
        case Failure::TestTimedOut:
            conclude("the test ran longer than " + describe_duration(config_.test.timeout.value_or(Millis{0})));
            break;
        case Failure::Leftovers:
            conclude("the test left processes behind (leftovers = \"fail\")");
            break;
        case Failure::NotCleaned:
            conclude("not everything could be ended");
            break;
    }
}

}  // namespace vlmshim
