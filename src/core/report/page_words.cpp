#include "vlmshim/core/report/page_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

struct CauseWords {
    std::string_view cause;
    std::string_view what;
    std::string_view advice;
};

constexpr std::array causes{
    CauseWords{"configuration", "the command line or the configuration is wrong",
               "Correct what is listed here. vlmshim --check reports the same without a run."},
    CauseWords{"system", "the kernel refused what a run needs",
               "See the reason: usually a limit (ulimit, a container's) or a missing permission."},
    CauseWords{"interrupted", "a signal ended the run before the test started",
               "Did its sender have a reason, such as a cancelled job or a time limit of the CI system? The timeline "
               "shows what took long until then."},
    CauseWords{
        "port-busy", "a port that the run needs is in use",
        "The reason names the process and the ways out; vlmshim --who, on that machine, shows it now. Runs side by "
        "side need a free port each: --port auto."},
    CauseWords{"server-not-started", "a server could not be started",
               "See the reason: is the program installed on that machine, and in PATH?"},
    CauseWords{"server-died", "a server ended too early",
               "Read the end of its output, and run its command alone on that machine. If it was killed by SIGKILL and "
               "says nothing, memory may have run out, or the test itself killed it (kill -9, pkill)."},
    CauseWords{"server-not-ready", "a server was not ready in time",
               "Read its output, and what it answered to the probe. If it was still loading, raise timeout in "
               "[server.ready]; if it answered something else, correct what is probed."},
    CauseWords{"server-not-ours", "another process listens on the port of a server",
               "End that process (vlmshim --who shows it), or take a free port: port = \"auto\"."},
    CauseWords{"test-not-started", "the test command could not be started",
               "See the reason: is the program installed on that machine, in PATH, and executable?"},
    CauseWords{"test-timed-out", "the test ran longer than its time limit",
               "The test's own output, in the log of the job, shows what it did last. If it only needs more time, "
               "raise --timeout, or timeout in [test]."},
    CauseWords{"leftovers", "the test left processes behind",
               "They are listed under Ended processes. Let the test end and wait for what it starts; leftovers = "
               "\"reap\" accepts them."},
    CauseWords{"not-cleaned", "not everything could be ended",
               "What survived is listed under Ended processes and Ports: it may disturb the next run on that machine."},
    CauseWords{"keeper-killed", "the process of vlmshim that its caller waits for was killed",
               "Something sent it SIGKILL: the out-of-memory killer (see dmesg), a time limit of the CI system, or "
               "kill -9. The run was ended all the same."},
    CauseWords{"supervisor-killed", "the process of vlmshim that supervises the run was killed",
               "Something sent it SIGKILL: the out-of-memory killer (see dmesg), or kill -9. The run was ended all the "
               "same, but what happened in it is not known."},
};

const CauseWords* words_of(const RunReport& report) {
    const auto* const words =
        std::find_if(causes.begin(), causes.end(), [&](const CauseWords& one) { return one.cause == report.cause; });
    return words == causes.end() ? nullptr : words;
}

std::string_view word_of_verdict(std::string_view verdict) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> words{{{"running", "Not finished"},
                                                                                  {"passed", "Passed"},
                                                                                  {"failed", "Failed"},
                                                                                  {"timed-out", "Timed out"},
                                                                                  {"interrupted", "Interrupted"},
                                                                                  {"not-started", "Test not run"},
                                                                                  {"error", "Error"}}};
    const auto* const word =
        std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.first == verdict; });
    return word == words.end() ? verdict : word->second;
}

/// "a server ended too early", with the name of the server that is blamed.
std::string with_name(std::string_view what, const RunReport& report) {
    constexpr std::string_view any = "a server ";
    const RunReport::Server* const blamed = blamed_server(report);
    if (!what.starts_with(any) || blamed == nullptr) {
        return std::string(what);
    }
    return "server '" + blamed->name + "' " + std::string(what.substr(any.size()));
}

std::string what_happened(const RunReport& report) {
    const CauseWords* const words = words_of(report);
    const std::string cause = words == nullptr ? "" : with_name(words->what, report);
    const bool is_known_end = report.test && report.test->status;
    const std::string test = is_known_end ? "the test " + describe(*report.test->status) : "";
    if (verdict_of(report) == "failed") {
        return test + (cause.empty() ? "" : ", and " + cause);
    }
    if (!cause.empty()) {
        return cause + (is_known_end && verdict_of(report) == "error" ? " (" + test + ")" : "");
    }
    if (!report.status) {
        return "the run was still going on when this was written";
    }
    return is_known_end               ? test
           : report.status->success() ? "the servers ran until a signal ended the run"
                                      : "no test ran";
}

std::string_view meaning_of(int code) {
    switch (code) {
        case 0:
            return "success";
        case exit_timed_out:
            return "the test ran past its time limit";
        case exit_own_failure:
            return "a failure of the run, not the test's own status";
        case exit_not_executable:
            return "the test command is not executable";
        case exit_not_found:
            return "the test command was not found";
        default:
            return "";
    }
}

}  // namespace

std::string headline(const RunReport& report) {
    return std::string(word_of_verdict(verdict_of(report))) + ": " + what_happened(report);
}

std::string describe_status(const RunReport& report) {
    if (!report.status) {
        return "none yet";
    }
    const ExitStatus status = *report.status;
    const bool is_the_tests = report.test && report.test->status == status && !status.success();
    if (status.kind == ExitStatus::Kind::Signaled) {
        return signal_name(Signal{status.value}) + (is_the_tests ? ", the test's own" : "") + "; a shell shows " +
               std::to_string(shell_status(status));
    }
    const std::string_view meaning = is_the_tests ? "the test's own" : meaning_of(status.value);
    return std::to_string(status.value) + (meaning.empty() ? "" : ": " + std::string(meaning));
}

std::string advice(const RunReport& report) {
    if (const CauseWords* const words = words_of(report)) {
        return std::string(words->advice);
    }
    if (report.test && ending_signal(report) != nullptr) {
        return "A signal ended the run before the test was complete: see who sent it.";
    }
    if (verdict_of(report) != "failed") {
        return "";
    }
    const bool has_server = std::any_of(report.servers.begin(), report.servers.end(),
                                        [](const RunReport::Server& server) { return server.started_at.has_value(); });
    return std::string("The failure is the test's own: read its output, in the log of the job.") +
           (has_server ? " What the servers wrote meanwhile is below." : "");
}

const RunReport::SignalSeen* ending_signal(const RunReport& report) {
    const bool test_ended = report.test && report.test->ended_at;
    const auto seen = std::find_if(report.signals.begin(), report.signals.end(), [&](const RunReport::SignalSeen& one) {
        return ends_run(one.signal) && (!test_ended || one.at <= *report.test->ended_at);
    });
    return seen == report.signals.end() ? nullptr : &*seen;
}

const RunReport::Server* blamed_server(const RunReport& report) {
    const auto blamed =
        std::find_if(report.servers.begin(), report.servers.end(), [&](const RunReport::Server& server) {
            return report.reason.find(joined({"server '", server.name, "'"})) != std::string::npos;
        });
    return blamed == report.servers.end() ? nullptr : &*blamed;
}

std::string life_of(const RunReport::Server& server) {
    if (const std::string_view why = why_not_started(server); !why.empty()) {
        return std::string(why);
    }
    std::string life = "started at " + exact_time(*server.started_at);
    if (server.ready_at) {
        life += ", ready after " + describe_duration(std::max(*server.ready_at - *server.started_at, Millis{0}));
    } else {
        const auto& answers = server.answers.entries();
        life += ", never ready" + (answers.empty() ? "" : " (last new answer: " + answers.back().answer + ")");
    }
    if (server.listener_lost_at) {
        life += ", stopped listening at " + exact_time(*server.listener_lost_at);
    }
    if (server.status) {
        life += ", " + describe(*server.status) + (server.ended_at ? " at " + exact_time(*server.ended_at) : "");
    }
    return life;
}

std::string describe_clean_up(const RunReport& report) {
    const std::size_t total = std::max(report.ended_total, report.ended.size());
    std::string text = total == 0 ? "nothing was left to end" : count_of(total, "process") + " had to end";
    const auto count = [&](EndedHow how) {
        return std::count_if(report.ended.begin(), report.ended.end(),
                             [how](const EndedProcess& process) { return process.how == how; });
    };
    const char* const which = total > report.ended.size() ? " of those listed" : "";
    if (const auto killed = count(EndedHow::Killed)) {
        text += ", " + std::to_string(killed) + which + " ended by SIGKILL";
    }
    if (const auto survived = count(EndedHow::Survived)) {
        text += ", " + std::to_string(survived) + which + " could not be ended";
    }
    std::vector<Port> guarded;
    std::copy_if(report.ports.begin(), report.ports.end(), std::back_inserter(guarded),
                 [](Port port) { return port != auto_port; });
    if (report.ports_after && !guarded.empty()) {
        std::vector<Port> used;
        for (const PortHolder& holder : *report.ports_after) {
            if (std::find(used.begin(), used.end(), holder.listener.port) == used.end()) {
                used.push_back(holder.listener.port);
            }
        }
        const std::vector<Port>& named = used.empty() ? guarded : used;
        text += "; " + list_ports(named) + (named.size() == 1 ? " is " : " are ") +
                (used.empty() ? "free" : "still in use");
    }
    return text;
}

}  // namespace vlmshim
