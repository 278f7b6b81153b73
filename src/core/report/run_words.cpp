#include "vlmshim/core/report/run_words.hpp"

#include <algorithm>
#include <iterator>

#include "core/report/cause_words.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

std::string_view word_of(Verdict verdict, const RunReport& report) {
    switch (verdict) {
        case Verdict::Running:
            return "Not finished";
        case Verdict::Passed:
            return "Passed";
        case Verdict::Failed:
            return "Failed";
        case Verdict::TimedOut:
            return "Timed out";
        case Verdict::Interrupted:
            return "Interrupted";
        case Verdict::NotStarted:
            return report.command.empty() ? "Not started" : "Test not run";
        case Verdict::Error:
            return "Error";
    }
    return {};
}

/// With the name of what is meant: "a server ended too early", "a signal ended the run before the test started".
std::string cause_in_words(const RunReport& report) {
    const auto with_name = [](std::string_view what, std::string_view any, const std::string& name) {
        return what.starts_with(any) ? name + std::string(what.substr(any.size())) : std::string(what);
    };
    const std::string_view what = words_of(report.cause).what;
    if (const RunReport::Server* const blamed = blamed_server(report)) {
        const std::string name = "server '" + blamed->name + "'";
        if (report.cause != Cause::ServerDied || !blamed->status) {
            return with_name(what, "a server", name);
        }
        const bool has_aborted = signal_in(*blamed->status) == sigabrt;  // by itself, not killed by another
        return name + (has_aborted ? " aborted with SIGABRT" : " " + describe(*blamed->status));
    }
    return report.ended_by ? with_name(what, "a signal", signal_name(*report.ended_by)) : std::string(what);
}

/// "the test exited with 3"; empty: it did not run, or its end is not known.
std::string end_of_test(const RunReport& report) {
    return report.test && report.test->status ? "the test " + describe(*report.test->status) : "";
}

/// Without the cause.
std::string course(const RunReport& report) {
    const std::string signal = (report.ended_by ? signal_name(*report.ended_by) : "a signal") + " ended the run";
    if (report.ended_by && report.test && report.test->status == ExitStatus::signaled(*report.ended_by)) {
        return signal;
    }
    const std::string test = end_of_test(report);
    if (!test.empty()) {
        return (report.ended_by ? signal + ", " : "") + test;
    }
    return report.ended_by || report.status->success() ? "the servers ran until " + signal : "no test ran";
}

std::string what_happened(const RunReport& report) {
    if (!report.status) {
        return "the run was still going on when this was written";
    }
    const std::string cause = cause_in_words(report);
    const Verdict verdict = verdict_of(report);
    if (cause.empty()) {
        return course(report);
    }
    if (verdict == Verdict::Failed || (verdict == Verdict::Interrupted && report.cause != Cause::Interrupted)) {
        return course(report) + ", and " + cause;
    }
    const std::string test = verdict != Verdict::Error                        ? ""
                             : report.test && was_ended(report, *report.test) ? "the test was ended"
                                                                              : end_of_test(report);
    return cause + (test.empty() ? "" : " (" + test + ")");
}

/// What SIGKILL ends says nothing itself. A shell around it exits with 137.
std::string advice_about_death(const RunReport& report) {
    const RunReport::Server* const server = blamed_server(report);
    const bool is_killed = server != nullptr && server->status && signal_in(*server->status) == sigkill;
    const std::string killed = "SIGKILL leaves no message: memory may have run out (see `dmesg`)";
    if (!report.test) {
        return std::string(words_of(Cause::ServerDied).advice) + (is_killed ? " " + killed + "." : "");
    }
    const bool log_may_be_short = was_ended(report, *report.test);
    return (is_killed ? killed + ", or the test itself ended it (`kill -9`, `pkill`)."
                      : "Read the end of its output. To see it again, run its command alone and send it what the test "
                        "had sent last.") +
           (log_may_be_short ? " The test was ended at once: its log may not show a failure." : "");
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
    return std::string(word_of(verdict_of(report), report)) + ": " + what_happened(report);
}

std::string describe_status(const RunReport& report) {
    if (!report.status) {
        return "none yet";
    }
    const ExitStatus status = *report.status;
    const Verdict verdict = verdict_of(report);
    const bool is_the_tests =
        (verdict == Verdict::Failed || verdict == Verdict::Interrupted) && report.test && report.test->status == status;
    if (status.kind == ExitStatus::Kind::Signaled) {
        return signal_name(Signal{status.value}) + (is_the_tests && !report.ended_by ? ", the test's own" : "") +
               "; a shell shows " + std::to_string(shell_status(status));
    }
    const std::string_view meaning = is_the_tests ? "the test's own" : meaning_of(status.value);
    return std::to_string(status.value) + (meaning.empty() ? "" : ": " + std::string(meaning));
}

std::string advice(const RunReport& report) {
    const Verdict verdict = verdict_of(report);
    const bool is_only_interrupted = verdict == Verdict::Interrupted && report.cause == Cause::None;
    const Cause cause = is_only_interrupted ? Cause::Interrupted : report.cause;
    const bool has_server = std::any_of(report.servers.begin(), report.servers.end(),
                                        [](const RunReport::Server& server) { return server.started_at.has_value(); });
    if (cause == Cause::ServerDied) {
        return advice_about_death(report);
    }
    if (cause != Cause::None || verdict != Verdict::Failed) {
        const bool may_have_hung = cause == Cause::TestTimedOut && has_server;
        return std::string(words_of(cause).advice) +
               (may_have_hung ? " Or did a server hang? See its last output." : "");
    }
    return std::string("The test itself failed: read its output, in the log of the job.") +
           (has_server ? " What the servers wrote meanwhile may tell why." : "");
}

const RunReport::Server* server_in_question(const RunReport& report) {
    if (const RunReport::Server* const blamed = blamed_server(report)) {
        return blamed;
    }
    return report.servers.size() == 1 ? &report.servers.front() : nullptr;
}

std::vector<std::string> last_words(const RunReport& report) {
    const std::ptrdiff_t most = report.blamed ? 20 : 6;
    const RunReport::Server* const server = server_in_question(report);
    const KeptLines* const kept = server == nullptr ? nullptr : std::get_if<KeptLines>(&server->output);
    if (kept == nullptr || report.status == ExitStatus::exited(0)) {
        return {};
    }
    const auto count = static_cast<std::ptrdiff_t>(kept->lines.size());
    return {kept->lines.end() - std::min(count, most), kept->lines.end()};
}

std::string describe_ending_signal(const RunReport& report) {
    const RunReport::SignalSeen* const seen = ending_signal(report);
    return seen == nullptr ? ""
                           : joined({signal_name(seen->signal), seen->from.empty() ? "" : " from ", seen->from, ", at ",
                                     exact_time(seen->at)});
}

std::string how_it_ended(const RunReport& report, const RunReport::Server& server) {
    const std::string end = server.status ? describe(*server.status) : "";
    return !end.empty() && ended_with_run(report, server) ? "ended with the run: " + end : end;
}

std::string life_of(const RunReport& report, const RunReport::Server& server) {
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
    if (const std::string end = how_it_ended(report, server); !end.empty()) {
        life += ", " + end + (server.ended_at ? " at " + exact_time(*server.ended_at) : "");
    }
    return life;
}

std::string describe_clean_up(const RunReport& report) {
    const std::size_t total = std::max(report.ended_total, report.ended.size());
    std::string text = total == 0 ? "nothing was left to end" : count_of(total, "process") + " ended";
    const auto count = [&](EndedHow how) {
        return std::count_if(report.ended.begin(), report.ended.end(),
                             [how](const EndedProcess& process) { return process.how == how; });
    };
    const char* const which = total > report.ended.size() ? " of those listed" : "";
    if (const auto left = std::count_if(report.ended.begin(), report.ended.end(), [](const EndedProcess& process) {
            return process.why == EndedWhy::Leftover;
        })) {
        text += ", " + std::to_string(left) + which + " left behind by the test";
    }
    if (const auto killed = count(EndedHow::Killed)) {
        text += ", " + std::to_string(killed) + which + " ended by SIGKILL";
    }
    if (const auto survived = count(EndedHow::Survived)) {
        text += ", " + std::to_string(survived) + which + " could not be ended";
    }
    const std::vector<Port> guarded = numbered_ports(report);
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
