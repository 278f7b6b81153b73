// What the supervisor says to the user. Silent when there was nothing to do.
#include "vlmshim/core/duration.hpp"
#include "vlmshim/core/shell_words.hpp"
#include "vlmshim/core/signal_names.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/listeners.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t tail_lines = 20;
constexpr Millis still_waiting_every{10'000};

std::string plural(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : noun == std::string("process") ? "es" : "s");
}

std::string list_ports(const std::vector<Port>& ports) {
    std::string text = ports.size() == 1 ? "port " : "ports ";
    for (std::size_t i = 0; i < ports.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(ports[i].number);
    }
    return text + (ports.size() == 1 ? " is free" : " are free");
}

}  // namespace

void Supervisor::tell(const event::ServerExited& event) {
    const Server& server = at(event.server);
    const Phase phase = lifecycle_.phase();
    const bool expected = phase != Phase::Starting && phase != Phase::Testing;
    if (expected) {
        log_.debug("{}: {}", server.config.name, describe(event.status));
    } else if (server.config.on_exit == OnExit::Ignore) {
        log_.info("{}: {} (on_exit = \"ignore\")", server.config.name, describe(event.status));
    } else {
        log_.error("{}: {} {}", server.config.name, describe(event.status),
                   phase == Phase::Starting ? "before it was ready" : "while the test was running");
    }
}

void Supervisor::tell(const event::TestExited& event) {
    const auto level = servers_.empty() ? spdlog::level::debug : spdlog::level::info;
    log_.log(level, "test {} after {}", describe(event.status), describe_duration(loop_.now() - test_started_));
}

void Supervisor::tell_signal(const os::SignalInfo& info, bool ends_run) {
    std::string sender = "the kernel";
    const bool from_terminal = info.from_kernel && info.sender.value == 0;  // who typed it, knows
    if (info.sender.value != 0) {
        sender = "pid " + std::to_string(info.sender.value) + " (" + os::describe_command(info.sender) + ")";
    } else if (info.from_kernel) {
        sender = "the terminal";
    } else {
        sender = "a process outside our PID namespace";
    }
    recorder_.signal_came(info, sender);
    log_.log(ends_run && !from_terminal ? spdlog::level::info : spdlog::level::debug, "{} from {}", signal_name(info.signal), sender);
}

void Supervisor::tell_ready(const Server& server) {
    log_.info("{}: ready after {} ({})", server.config.name, describe_duration(server.readiness->waited()),
              server.readiness->target());
}

void Supervisor::tell_leftovers(const std::vector<os::ProcessIdentity>& leftovers) {
    constexpr std::size_t most_named = 10;
    const auto level =
        config_.test.leftovers == Leftovers::Fail ? spdlog::level::err : spdlog::level::info;
    for (std::size_t i = 0; i < leftovers.size() && i < most_named; ++i) {
        log_.log(level, "left behind by the test: pid {} ({})", leftovers[i].pid.value,
                 os::describe_command(leftovers[i].pid));
    }
    if (leftovers.size() > most_named) {
        log_.log(level, "left behind by the test: {} more", leftovers.size() - most_named);
    }
}

void Supervisor::tell_still_waiting() {
    for (const Server& server : servers_) {
        log_.info("{}: waiting for {} since {}, last answer: {}", server.config.name, server.readiness->target(),
                  describe_duration(server.readiness->waited()), server.readiness->last_answer());
    }
    waiting_->start(still_waiting_every);
}

void Supervisor::show_tail(const Server& server) {
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

void Supervisor::tell_outcome() {
    const Failure failure = lifecycle_.failure();
    const auto id = lifecycle_.failed_server();
    const Server* server = id ? &at(*id) : nullptr;
    const bool clean = failure != Failure::NotCleaned && failure != Failure::PortBusy;
    if (clean && (!servers_.empty() || tree_.seen() > 0)) {
        const std::string ended = tree_.seen() == 0 ? "nothing was left to end"
                                                    : "ended " + plural(tree_.seen(), "process") + " in " +
                                                          describe_duration(loop_.now() - drain_started_);
        log_.info("{}, {}", ended, list_ports(config_.ports.guard));
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
            conclude("server '" + server->config.name + "' died" +
                     (test_ran ? " while the test was running" : " before it was ready, the test was not run"));
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
