#include "vlmshim/core/report/step_summary.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/report/run_words.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/markdown_text.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

/// The rest is counted.
constexpr std::size_t most_listed = 20;

bool has_nothing_to_say(const RunReport& report) {
    return verdict_of(report) == Verdict::Passed && report.clean_up.empty() && !report.ended_by;
}

std::string mark_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Passed:
            return "\u2705";  // white heavy check mark
        case Verdict::Interrupted:
            return "\u26a0\ufe0f";  // warning sign
        case Verdict::Running:
        case Verdict::Failed:
        case Verdict::TimedOut:
        case Verdict::NotStarted:
        case Verdict::Error:
            break;
    }
    return "\u274c";  // cross mark
}

/// A name may have underscores; nothing else in it is markup.
std::string without_emphasis(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '_' ? "\\_" : std::string(1, c);
    }
    return escaped;
}

std::string heading(const RunReport& report) {
    const std::string took = report.duration > Millis{0} ? ", after " + describe_duration(report.duration) : "";
    return "### " + mark_of(verdict_of(report)) + " vlmshim: " + without_emphasis(headline(report)) + took + "\n";
}

/// The whole argument or none of it: a part of a secret would not be masked.
std::string short_command(const std::vector<std::string>& command) {
    constexpr std::size_t most_bytes = 500;
    std::vector<std::string> shown;
    std::string text;
    for (const std::string& argument : command) {
        shown.push_back(argument);
        std::string longer = join_command(shown);
        if (!text.empty() && longer.size() > most_bytes) {
            return text + " ...";
        }
        text = std::move(longer);
    }
    return text;
}

std::string paragraph(const std::string& text) {
    return text.empty() ? "" : "\n" + text + "\n";
}

/// One error is the reason as well.
std::string why(const RunReport& report) {
    if (report.errors.size() < 2) {
        return paragraph(markdown_code(report.reason));
    }
    std::string list = "\n";
    for (std::size_t i = 0; i < std::min(report.errors.size(), most_listed); ++i) {
        list += "- " + markdown_code(report.errors[i]) + "\n";
    }
    if (report.errors.size() > most_listed) {
        list += "- " + std::to_string(report.errors.size() - most_listed) + " more\n";
    }
    return list;
}

std::string what_to_do(const RunReport& report) {
    const std::string next = advice(report);
    return next.empty() ? "" : "\n**What to do:** " + next + "\n";
}

std::string ended_by(const RunReport& report) {
    const std::string signal = describe_ending_signal(report);
    return signal.empty() ? "" : "\nEnded by " + markdown_code(signal) + "\n";
}

std::string time_of(std::optional<Millis> from, std::optional<Millis> to) {
    return from && to ? describe_duration(*to - *from) : "";
}

std::string row(std::initializer_list<std::string> cells) {
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += " " + cell + (cell.empty() ? "|" : " |");
    }
    return line + "\n";
}

std::string row_of(const RunReport::Test& test) {
    return row({"test", "", "", time_of(test.started_at, test.ended_at), test.status ? describe(*test.status) : ""});
}

std::string row_of(const RunReport& report, const RunReport::Server& server) {
    const std::string port = server.port == Port{} ? "" : std::to_string(server.port.number);
    const std::string_view not_started = why_not_started(server);
    return row({markdown_code(server.name), port, time_of(server.started_at, server.ready_at),
                time_of(server.started_at, server.ended_at),
                not_started.empty() ? how_it_ended(report, server) : std::string(not_started)});
}

std::string table(const RunReport& report) {
    std::string rows = report.test ? row_of(*report.test) : "";
    for (std::size_t i = 0; i < std::min(report.servers.size(), most_listed); ++i) {
        rows += row_of(report, report.servers[i]);
    }
    if (report.servers.size() > most_listed) {
        rows += row({count_of(report.servers.size() - most_listed, "more server"), "", "", "", ""});
    }
    const std::string head = row({"", "port", "ready after", "ran for", "end"}) + "|---|---|---|---|---|\n";
    return rows.empty() ? "" : "\n" + head + rows;
}

std::string last_output(const RunReport& report) {
    const std::vector<std::string> lines = last_words(report);
    return lines.empty() ? ""
                         : "\nLast output of " + markdown_code(server_in_question(report)->name) + ":\n\n" +
                               markdown_block(lines);
}

}  // namespace

std::string step_summary(const RunReport& report) {
    if (has_nothing_to_say(report)) {
        return "";
    }
    return heading(report) + paragraph(markdown_code(short_command(report.command))) + why(report) +
           what_to_do(report) + ended_by(report) + table(report) + last_output(report) +
           paragraph(markdown_code(report.clean_up));
}

}  // namespace vlmshim
