#include "vlmshim/supervisor/narrator.hpp"

#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t most_named = 10;

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

void Narrator::server_not_started(const std::string& command, const std::string& why) {
    circumstances_.server.not_started_because = "'" + command + "': " + why;
}

void Narrator::server_started(const std::string& name, Pid pid, const std::string& command) {
    log_.info(name, ": started (pid ", pid, "): ", command);
}

void Narrator::server_ready(const ServerView& server) {
    log_.info(server.config.name, ": ready after ", describe_duration(server.probe->waited), " (", server.probe->target,
              ")");
}

void Narrator::ready_hint(const ServerConfig& server, const std::string& hint) {
    log_.warn(server.name, ": ", hint);
}

void Narrator::owner_unknown(const std::string& name, Port port) {
    log_.debug(name, ": cannot see who listens on port ", port);
}

void Narrator::port_changed(const std::string& name, Port lost, Port other) {
    log_.info(name, ": another process took port ", lost, ": port ", other, " instead");
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
        case ServerEnd::BeforeTest:
        case ServerEnd::WhileServing:
        case ServerEnd::UnderTest:
            log_.error(server.name, ": ", describe(status), " ", when_it_died(what));
            break;
    }
}

void Narrator::server_in_background(const ServerConfig& server, const std::vector<Pid>& processes) {
    if (processes.empty()) {
        log_.info(server.name, ": its command has exited, another process runs it (owner = \"any\")");
        return;
    }
    log_.info(server.name, ": went into the background: ", processes_.name_of(processes.front()),
              processes.size() > 1 ? " and " + std::to_string(processes.size() - 1) + " more" : "");
}

void Narrator::listener_lost(const ServerConfig& server, Port port, const std::string& last) {
    log_.warn(server.name, " stopped listening on port ", port, ": ", last, " has ended, the rest of it lives on");
}

void Narrator::listens_again(const ServerConfig& server, Port port, const ProcessIdentity& process) {
    log_.info(server.name, ": ", processes_.name_of(process.pid), " listens on port ", port, " again");
}

void Narrator::server_killed(const ServerConfig& server) {
    log_.warn(server.name, " did not stop within ", describe_duration(grace_of(server, config_)), " (",
              server.grace ? "[server] grace" : "[shutdown] grace", ", -g): killed");
}

void Narrator::reused_port_lost(const action::ReportReusedPortLost& lost) {
    log_.warn("port ", lost.port, ": the server that is used as it is has ended, no process listens any more",
              lost.test == action::GoesOn::Yes ? "; the test goes on" : "");
}

void Narrator::serving(const std::vector<Port>& ports, Place place) {
    std::string names;
    for (const ServerConfig& server : config_.servers) {
        names += (names.empty() ? "" : ", ") + server.name;
    }
    log_.info("serving ", names, ports.empty() ? "" : " on " + list_ports(ports), ": ",
              place == Place::Foreground ? "^C ends it" : "SIGINT or SIGTERM ends it");
}

// --- the test

void Narrator::test_started(Pid pid, const std::string& command) {
    test_started_ = clock_.now();
    log_.debug("test started (pid ", pid, "): ", command);
}

void Narrator::test_stopped(Signal signal) {
    log_.debug("the test was stopped by ", signal_name(signal));
}

void Narrator::test_ended(ExitStatus status) {
    // The "Killed" that a shell prints looks as if we had crashed.
    const bool is_news = !config_.servers.empty() || status.kind == ExitStatus::Kind::Signaled;
    log_.say(is_news ? LogLevel::Info : LogLevel::Debug, "test ", describe(status), " after ",
             describe_duration(clock_.now() - test_started_));
}

void Narrator::test_still_there(Millis left, Place place) {
    if (log_.has_live_line() && place == Place::Foreground) {
        log_.info("waiting for the test to stop: killed in ", describe_duration(left), ", ^C kills now");
    }
}

void Narrator::test_killed() {
    const std::string& command = config_.test.command.front();
    const bool is_vlmshim = std::string_view(command).substr(command.rfind('/') + 1) == "vlmshim";
    log_.warn("test did not stop within ", describe_duration(config_.test.grace), " ([test] grace, -g): killed",
              is_vlmshim ? "; a vlmshim needs the graces of its own run, 8 s by default" : "");
}

void Narrator::leftovers_killed(const std::vector<Descendant>& killed) {
    std::size_t more = 0;
    const std::string reason =
        " did not stop within " + describe_duration(config_.shutdown_grace) + " ([shutdown] grace, -g): killed";
    for (const Descendant& one : killed) {
        if (named_killed_ < most_named) {
            ++named_killed_;
            log_.warn(processes_.name_of(one.identity.pid), reason);
        } else {
            ++more;
        }
    }
    if (more > 0) {
        log_.warn(more, " more", reason);
    }
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

// --- signals, and the keeper

void Narrator::signal_arrived(const SignalInfo& info, const SignalMeaning& meaning, Millis at) {
    const bool about_job =
        std::holds_alternative<meaning::Nothing>(meaning) || std::holds_alternative<meaning::WantsTerminal>(meaning) ||
        std::holds_alternative<meaning::StopJob>(meaning) || std::holds_alternative<meaning::Continue>(meaning);
    if (about_job) {
        return;
    }
    const bool typed = info.code == SignalCode::Kernel;  // the user who typed it knows
    const bool ends_run =
        std::holds_alternative<meaning::EndRun>(meaning) || std::holds_alternative<meaning::EndNow>(meaning);
    const auto level = ends_run && !typed ? LogLevel::Info : LogLevel::Debug;
    if (log_.says(level) || ends_run || recorder_.wanted()) {  // a summary names who ended the run
        const std::string sender = sender_of(info, processes_);
        recorder_.signal_arrived(info, sender, at);
        log_.say(level, signal_name(info.signal), " from ", sender);
    }
    if (std::holds_alternative<meaning::EndNow>(meaning)) {
        log_.info("second ", signal_name(info.signal), ": killing everything");
    }
}

void Narrator::keeper_lost() {
    log_.error("the keeper was killed: ending the run");
}

}  // namespace vlmshim
