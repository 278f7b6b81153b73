// The last lines of a run.
#include "vlmshim/core/values/words.hpp"
#include "vlmshim/supervisor/narrator.hpp"

namespace vlmshim {

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
        const std::string text = describe_end(started, end.seen, clock_.now() - end_began_, end.ports);
        log_.info(text);
        recorder_.cleaned_up(text);
    }
    const bool test_failed = outcome.test && !outcome.test->success() && !outcome.ended_by;
    for (std::size_t i = 0; i < end.servers.size(); ++i) {
        const bool is_to_blame = outcome.server == ServerId{i} && outcome.failure != Failure::ServerNotStarted;
        if (is_to_blame || test_failed) {
            show_output(end.servers[i], is_to_blame ? LogLevel::Error : LogLevel::Info);
        }
    }
    log_why(end);
}

void Narrator::log_why(const EndView& end) {
    circumstances_.why_busy = end.why_busy;
    if (end.outcome.server) {
        const ServerView& server = end.servers[index_of(*end.outcome.server)];
        FailedServer& failed = circumstances_.server;
        failed.end = server.end;
        if (server.probe) {
            failed.target = server.probe->target;
            failed.last_answer = server.probe->last_answer;
            failed.impostor = server.probe->impostor;
            failed.impostor_is_beside = server.probe->impostor_is_beside;
            failed.hint = server.probe->hint;
        }
    }
    if (const auto why = why_it_failed(end.outcome, config_, circumstances_)) {
        log_.error(*why, " (exit status ", shell_status(end.outcome.status), ")");
        log_.annotate_failure(*why);
        recorder_.failed_because(*why);
    } else if (const auto doubt = doubtful_success(end.outcome)) {
        log_.warn(*doubt);
    } else if (const auto cause = likely_cause(end.outcome, config_)) {
        log_.warn(*cause);
    }
}

/// A header, then each line with "model| " in front.
void Narrator::show_output(const ServerView& server, LogLevel level) {
    if (!server.was_started) {
        return;  // it is not ours
    }
    switch (output_way_of(server.config, config_)) {
        case OutputWay::Kept:
            break;
        case OutputWay::IntoFile:
            log_.show(level, server.config.name, ": its output is in ", server.config.output.path);
            return;
        case OutputWay::ShownByLines:
        case OutputWay::PassedThrough:
        case OutputWay::Discarded:
            return;
    }
    std::vector<std::string> lines = server.output();
    if (lines.empty()) {
        log_.show(level, server.config.name, ": it printed nothing");
        return;
    }
    for (std::string& line : lines) {
        line = server.config.name + "| " + line;
    }
    log_.group(level, server.config.name + ": what it printed:", lines);
}

}  // namespace vlmshim
