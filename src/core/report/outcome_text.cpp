#include "vlmshim/core/report/outcome_text.hpp"

#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

constexpr std::string_view another_run = "another run want its port (busy = \"kill\")?";

/// By SIGTERM, which this run sends to a server only when the run ends. A shell says so with its exit code.
bool was_told_to_end(const FailedServer& server) {
    return server.end && signal_in(*server.end) == sigterm;
}

std::string how_it_died(const Outcome& outcome, const Config& config, const FailedServer& server) {
    std::string text = " died " + std::string(when_it_died(outcome.server_end));
    switch (outcome.server_end) {
        case ServerEnd::BeforeReady:
        case ServerEnd::BeforeTest:
            text += serves(config) ? "" : ", the test was not run";
            break;
        case ServerEnd::UnderTest:
            if (server.end == ExitStatus::signaled(sigkill)) {
                text += ": does the test end it itself (see vlmshim-migrate(7)), or did memory run out?";
            } else if (was_told_to_end(server)) {
                text += ": does the test end it itself (see vlmshim-migrate(7)), or did " + std::string(another_run);
            }
            break;
        case ServerEnd::WhileServing:
            text += was_told_to_end(server) ? ": did " + std::string(another_run) : "";
            break;
        case ServerEnd::Expected:
        case ServerEnd::Ignored:
            break;
    }
    return text;
}

std::string what_may_help(const ServerConfig& config, const FailedServer& server) {
    if (!server.hint.empty()) {
        return "; " + server.hint;
    }
    return config.external ? "; does the test start it itself? Then leave out --ready" : "";
}

/// Of `-s python run.py` only python is the server, which ends at once, and run.py becomes the test.
std::string about_quotes(const Config& config) {
    return config.typed.unquoted_server.empty()
               ? ""
               : "; if the server is more than one word, quote it: " + config.typed.unquoted_server;
}

}  // namespace

std::string_view when_it_died(ServerEnd end) {
    switch (end) {
        case ServerEnd::BeforeReady:
            return "before it was ready";
        case ServerEnd::BeforeTest:
            return "while others were not ready yet";
        case ServerEnd::WhileServing:
            return "while it was serving";
        case ServerEnd::UnderTest:
            return "while the test was running";
        case ServerEnd::Expected:
        case ServerEnd::Ignored:
            break;
    }
    return "";
}

std::optional<std::string> why_it_failed(const Outcome& outcome, const Config& config,
                                         const Circumstances& circumstances) {
    const FailedServer& server = circumstances.server;
    const ServerConfig no_server;
    const ServerConfig& its = outcome.server ? config.servers[index_of(*outcome.server)] : no_server;
    const std::string name = outcome.server ? "server '" + its.name + "'" : "";
    switch (outcome.failure) {
        case Failure::None:
        case Failure::KeeperLost:
            return std::nullopt;
        case Failure::Interrupted:
            return serves(config) ? "interrupted before all servers were ready" : "interrupted: the test was not run";
        case Failure::PortBusy:
            return "nothing was started: " + circumstances.why_busy;
        case Failure::ServerNotStarted:
            return name + " could not be started: " + server.not_started_because +
                   (serves(config) ? "" : "; the test was not run") + about_quotes(config);
        case Failure::ServerDied:
            return name + how_it_died(outcome, config, server) +
                   (outcome.server_end == ServerEnd::BeforeReady ? about_quotes(config) : "");
        case Failure::ServerNotReady:
            return name + " was not ready within " + describe_duration(its.ready.timeout) + " (" + server.target +
                   ", last answer: " + server.last_answer + "), the test was not run" + what_may_help(its, server) +
                   about_quotes(config);
        case Failure::ServerNotOurs:
            if (server.impostor_is_beside) {
                return name + " is not the only one on its port: " + server.impostor +
                       " listens as well; the test was not run";
            }
            return name + " is not the one that listens on its port: that is " + server.impostor +
                   "; the test was not run";
        case Failure::TestNotStarted:
            return "test command '" + join_command(config.test.command) +
                   "' could not be started: " + circumstances.test_not_started_because + about_quotes(config);
        case Failure::TestTimedOut:
            return "the test ran longer than " + describe_duration(config.test.timeout.value_or(Millis{0}));
        case Failure::Leftovers:
            return "the test left processes behind (leftovers = \"fail\")";
        case Failure::NotCleaned:
            return "not everything could be ended";
    }
    return std::nullopt;
}

std::optional<std::string> doubtful_success(const Outcome& outcome) {
    if (!outcome.ended_by || !outcome.test || !outcome.test->success() || !outcome.status.success()) {
        return std::nullopt;
    }
    return "ended by " + signal_name(*outcome.ended_by) + ", but the test says 0";
}

std::optional<std::string> likely_cause(const Outcome& outcome, const Config& config) {
    if (!outcome.listener_lost || outcome.ended_by || !outcome.test || outcome.test->success()) {
        return std::nullopt;
    }
    return "the test failed after server '" + config.servers[index_of(*outcome.listener_lost)].name +
           "' had stopped listening";
}

std::string describe_end(const std::vector<std::string>& servers, std::size_t seen, Millis took,
                         const std::vector<Port>& ports) {
    std::string names;
    for (const std::string& server : servers) {
        names += (names.empty() ? "" : ", ") + server;
    }
    const std::string free =
        ports.empty() ? "" : ", " + list_ports(ports) + (ports.size() == 1 ? " is free" : " are free");
    if (seen == 0) {  // ^C, for one, has reached the servers as well
        return (names.empty() ? "nothing was left to end" : names + " had ended already") + free;
    }
    const std::string count = count_of(seen, "process");
    return "ended " + (names.empty() ? count : names + " (" + count + ")") + " in " + describe_duration(took) + free;
}

}  // namespace vlmshim
