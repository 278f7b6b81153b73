#include "vlmshim/supervisor/narrator.hpp"

#include "vlmshim/core/report/outcome_text.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t tail_lines = 20;
constexpr std::size_t most_named = 10;

const char* when_it_died(ServerEnd what) {
    switch (what) {
        case ServerEnd::BeforeReady:
            return "before it was ready";
        case ServerEnd::WhileServing:
            return "while it was serving";
        case ServerEnd::UnderTest:
        case ServerEnd::Expected:
        case ServerEnd::Ignored:
            break;
    }
    return "while the test was running";
}

std::string sender_of(const SignalInfo& info, const Processes& processes) {
    if (info.sender.value != 0) {
        return processes.name_of(info.sender);
    }
    return info.code == SignalCode::Kernel ? "the terminal" : "a process outside our PID namespace";
}

}  // namespace

void Narrator::phase_changed(Phase before, Phase now) {
    recorder_.entered(now);
    log_.debug("phase ", phase_name(before), " -> ", phase_name(now));
    if (now >= Phase::Stopping && before < Phase::Stopping) {
        end_began_ = clock_.now();
    }
}

// --- servers

void Narrator::server_not_started(const std::string& name, const std::string& command, const std::string& why) {
    log_.error(name, ": server command '", command, "' not started: ", why);
}

void Narrator::server_started(const std::string& name, Pid pid, const std::string& command) {
    log_.info(name, ": started (pid ", pid, "): ", command);
}

void Narrator::server_ready(const ServerView& server) {
    log_.info(server.config.name, ": ready after ", describe_duration(server.probe->waited), " (", server.probe->target,
              ")");
}

void Narrator::owner_unknown(const std::string& name, Port port) {
    log_.debug(name, ": cannot see who listens on port ", port);
}

void Narrator::port_changed(const std::string& name, Port lost, Port other) {
    log_.info(name, ": somebody else took port ", lost, ": port ", other, " instead");
}

void Narrator::server_ended(const ServerConfig& server, ExitStatus status, ServerEnd what) {
    switch (what) {
        case ServerEnd::Expected:
            log_.debug(server.name, ": ", describe(status));
            break;
        case ServerEnd::Ignored:
            log_.info(server.name, ": ", describe(status), " (on_exit = \"ignore\")");
            break;
        case ServerEnd::BeforeReady:
        case ServerEnd::WhileServing:
        case ServerEnd::UnderTest:
            log_.error(server.name, ": ", describe(status), " ", when_it_died(what));
            break;
    }
}

void Narrator::server_killed(const ServerConfig& server) {
    log_.warn(server.name, ": still there after ", describe_duration(grace_of(server, config_)), ": killed");
}

void Narrator::reused_port_lost(const action::TellReusedPortLost& lost) {
    log_.warn("port ", lost.port, ": the server that is used as it is has ended, nobody listens any more",
              lost.test == action::GoesOn::Yes ? "; the test goes on" : "");
}

void Narrator::serving(const std::vector<Port>& ports, Place place) {
    std::string names;
    for (const ServerConfig& server : config_.servers) {
        names += (names.empty() ? "" : ", ") + server.name;
    }
    log_.info("serving ", names, " on ", list_ports(ports), ": ",
              place == Place::Foreground ? "^C ends it" : "SIGINT or SIGTERM ends it");
}

// --- the test

void Narrator::test_not_started(const std::string& command, const std::string& why) {
    log_.error("test command '", command, "' not started: ", why);
}

void Narrator::test_started(Pid pid, const std::string& command) {
    test_started_ = clock_.now();
    log_.debug("test started (pid ", pid, "): ", command);
}

void Narrator::test_stopped(Signal signal) {
    log_.debug("the test was stopped by ", signal_name(signal));
}

void Narrator::test_ended(ExitStatus status) {
    log_.say(config_.servers.empty() ? LogLevel::Debug : LogLevel::Info, "test ", describe(status), " after ",
             describe_duration(clock_.now() - test_started_));
}

void Narrator::left_by_test(const std::vector<ProcessIdentity>& left) {
    const auto level = config_.test.leftovers == Leftovers::Fail ? LogLevel::Error : LogLevel::Info;
    if (!log_.says(level)) {
        return;
    }
    for (std::size_t i = 0; i < left.size() && i < most_named; ++i) {
        log_.say(level, "left behind by the test: ", processes_.name_of(left[i].pid));
    }
    if (left.size() > most_named) {
        log_.say(level, "left behind by the test: ", left.size() - most_named, " more");
    }
}

// --- what comes from outside

void Narrator::signal_came(const SignalInfo& info, const SignalMeaning& meaning) {
    const bool about_job =
        std::holds_alternative<meaning::Nothing>(meaning) || std::holds_alternative<meaning::WantsTerminal>(meaning) ||
        std::holds_alternative<meaning::StopJob>(meaning) || std::holds_alternative<meaning::Continue>(meaning);
    if (about_job) {
        return;
    }
    const bool typed = info.code == SignalCode::Kernel;  // who typed it, knows
    const bool ends_run =
        std::holds_alternative<meaning::EndRun>(meaning) || std::holds_alternative<meaning::EndNow>(meaning);
    const auto level = ends_run && !typed ? LogLevel::Info : LogLevel::Debug;
    if (log_.says(level) || recorder_.wanted()) {
        const std::string sender = sender_of(info, processes_);
        recorder_.signal_came(info, sender);
        log_.say(level, signal_name(info.signal), " from ", sender);
    }
}

void Narrator::keeper_lost() {
    log_.error("the keeper was killed: ending the run");
}

// --- the end

void Narrator::end(const EndView& end) {
    const Outcome& outcome = end.outcome;
    const bool clean = outcome.failure != Failure::NotCleaned && outcome.failure != Failure::PortBusy;
    if (clean && (!end.servers.empty() || end.seen > 0)) {
        std::vector<std::string> started;
        for (const ServerView& server : end.servers) {
            if (server.was_started) {
                started.push_back(server.config.name);
            }
        }
        log_.info(describe_end(started, end.seen, clock_.now() - end_began_, end.ports));
    }
    FailedServer failed;
    if (outcome.server) {
        const ServerView& server = end.servers[index_of(*outcome.server)];
        failed.state = server.was_ready ? FailedServer::State::WasReady : FailedServer::State::NotReady;
        if (server.probe) {
            failed.target = server.probe->target;
            failed.last_answer = server.probe->last_answer;
            failed.impostor = server.probe->impostor;
        }
        if (outcome.failure != Failure::ServerNotStarted) {
            show_tail(server);
        }
    }
    if (const auto why = why_it_failed(outcome, config_, failed, end.why_busy)) {
        log_.error(*why, " (exit status ", shell_status(outcome.status), ")");
        log_.annotate_failure(*why);
        recorder_.failed_because(*why);
    }
}

void Narrator::show_tail(const ServerView& server) {
    if (!server.was_started) {
        return;  // somebody else's, used as it was
    }
    switch (output_mode_of(server.config, config_)) {
        case OutputMode::Capture:
            break;
        case OutputMode::File:
            log_.error(server.config.name, ": its output is in ", server.config.output.path);
            return;
        case OutputMode::Inherit:
        case OutputMode::Discard:
            return;
    }
    const auto lines = server.tail(tail_lines);
    if (lines.empty()) {
        log_.error(server.config.name, ": it printed nothing");
    }
    for (const std::string& line : lines) {
        log_.error(server.config.name, "| ", line);
    }
}

}  // namespace vlmshim
