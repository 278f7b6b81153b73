#include "vlmshim/core/report/step_summary.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/markdown_text.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

/// The rest is counted.
constexpr std::size_t most_listed = 20;

bool has_nothing_to_say(const RunReport& report) {
    return verdict_of(report) == "passed" && report.clean_up.empty();
}

std::string mark_of(std::string_view verdict) {
    if (verdict == "passed") {
        return "\u2705";  // white heavy check mark
    }
    return verdict == "interrupted" ? "\u26a0\ufe0f" : "\u274c";  // warning sign, cross mark
}

std::string heading(const RunReport& report) {
    const std::string verdict(verdict_of(report));
    const std::string took = report.duration > Millis{0} ? " after " + describe_duration(report.duration) : "";
    return "### " + mark_of(verdict) + " vlmshim: " + verdict + took + "\n";
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
        const bool cause_only = report.reason.empty() && report.cause != failure_name(Failure::None);
        return paragraph(markdown_code(cause_only ? report.cause : report.reason));
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

std::string how_it_ended(const RunReport::Server& server) {
    if (!server.started_at) {
        return "not started";
    }
    if (server.reused) {
        return "not started by this run";
    }
    return server.status ? describe(*server.status) : "";
}

std::string row_of(const RunReport::Server& server) {
    const std::string port = server.port == Port{} ? "" : std::to_string(server.port.number);
    return row({markdown_code(server.name), port, time_of(server.started_at, server.ready_at),
                time_of(server.started_at, server.ended_at), how_it_ended(server)});
}

std::string table(const RunReport& report) {
    std::string rows = report.test ? row_of(*report.test) : "";
    for (std::size_t i = 0; i < std::min(report.servers.size(), most_listed); ++i) {
        rows += row_of(report.servers[i]);
    }
    if (report.servers.size() > most_listed) {
        rows += row({count_of(report.servers.size() - most_listed, "more server"), "", "", "", ""});
    }
    const std::string head = row({"", "port", "ready after", "ran for", "end"}) + "|---|---|---|---|---|\n";
    return rows.empty() ? "" : "\n" + head + rows;
}

}  // namespace

std::string step_summary(const RunReport& report) {
    if (has_nothing_to_say(report)) {
        return "";
    }
    return heading(report) + paragraph(markdown_code(short_command(report.command))) + why(report) + table(report) +
           paragraph(markdown_code(report.clean_up));
}

}  // namespace vlmshim
