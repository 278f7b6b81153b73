#include <algorithm>
#include <iterator>

#include "core/report/page_parts.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/report/run_words.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

/// "2026-11-24 15:09:29 UTC, ran for 2.1 s"
std::string when(const RunReport& report) {
    if (report.started <= Millis{0}) {
        return "";
    }
    const bool has_ended = report.duration > Millis{0};
    return joined({readable_time(report.started), has_ended ? ", ran for " : "",
                   has_ended ? describe_duration(report.duration) : ""});
}

/// Of many servers only the one that is blamed.
void write_lives(HtmlWriter& html, const RunReport& report) {
    constexpr std::size_t many = 4;
    const std::size_t count = report.servers.size();
    const RunReport::Server* const blamed = blamed_server(report);
    for (const RunReport::Server& server : report.servers) {
        if (count <= many || &server == blamed) {
            html.put("<dt>Server</dt><dd>{}: {}</dd>", {server.name, life_of(report, server)});
        }
    }
    if (count > many) {
        html.put("<dt>Servers</dt><dd>{}, see below</dd>", {count});
    }
}

void write_last_words(HtmlWriter& html, const RunReport& report) {
    const std::vector<std::string> lines = last_words(report);
    if (lines.empty()) {
        return;
    }
    const RunReport::Server& server = *server_in_question(report);
    html.put("<h2>Last output of {}</h2><pre>", {server_title(server.name)});
    for (const std::string& line : lines) {
        html.put("{}\n", {line});
    }
    html.put("</pre>");
    if (lines.size() < std::get<KeptLines>(server.output).lines.size()) {
        html.put("<p class=\"note\"><a href=\"#server-{}\">More of its output</a></p>", {number_of(report, server)});
    }
}

void write_reason(HtmlWriter& html, const RunReport& report) {
    if (report.errors.size() > 1) {
        html.put("<ul>");
        for (const std::string& error : report.errors) {
            html.put("<li>{}</li>", {error});
        }
        html.put("</ul>");
    } else if (!report.reason.empty()) {
        html.put("<p>{}</p>", {report.reason});
    }
}

/// What stands between backquotes as code.
void write_advice(HtmlWriter& html, std::string_view advice) {
    html.put("<p><strong>What to do:</strong> ");
    for (bool is_code = false; !advice.empty(); is_code = !is_code) {
        html.put(is_code ? Markup("<code>{}</code>") : Markup("{}"), {next_part(advice, '`')});
    }
    html.put("</p>");
}

/// Without the reason, and the end of the server that is blamed: they stand above.
std::vector<RunReport::Warning> other_warnings(const RunReport& report) {
    const RunReport::Server* const blamed = blamed_server(report);
    const std::string death = report.cause == Cause::ServerDied && blamed != nullptr && blamed->status
                                  ? blamed->name + ": " + describe(*blamed->status) + " "
                                  : "";
    const auto says = [](const RunReport::Warning& one, const std::string& what) {
        return !what.empty() && one.level == LogLevel::Error && one.text.starts_with(what);
    };
    std::vector<RunReport::Warning> others;
    std::copy_if(report.warnings.begin(), report.warnings.end(), std::back_inserter(others),
                 [&](const RunReport::Warning& one) { return !says(one, report.reason) && !says(one, death); });
    return others;
}

void write_warnings(HtmlWriter& html, const RunReport& report) {
    const std::vector<RunReport::Warning> warnings = other_warnings(report);
    if (warnings.empty() && report.slow_readers.empty()) {
        return;
    }
    constexpr std::size_t most_seen = 6;
    html.put("<h2>Warnings and errors</h2><ul>");
    for (const RunReport::SlowReader& reader : report.slow_readers) {
        html.put("<li>{}: {} of vlmshim lost, nobody read them in time</li>",
                 {reader.stream, count_of(reader.dropped, "line")});
    }
    for (std::size_t i = 0; i < warnings.size(); ++i) {
        if (i == most_seen) {
            html.put("</ul><details><summary>{} more</summary><ul>", {warnings.size() - most_seen});
        }
        const RunReport::Warning& warning = warnings[i];
        html.put("<li>{}{}{}</li>\n",
                 {exact_time(warning.at), warning.level == LogLevel::Error ? ", error: " : ": ", warning.text});
    }
    html.put(warnings.size() > most_seen ? Markup("</ul></details>\n") : Markup("</ul>\n"));
}

}  // namespace

void write_summary(HtmlWriter& html, const RunReport& report) {
    html.put("<header class=\"{}\"><h1>{}</h1>", {verdict_name(verdict_of(report)), headline(report)});
    write_reason(html, report);
    if (const std::string next = advice(report); !next.empty()) {
        write_advice(html, next);
    }
    html.put("</header>\n<dl>");
    write_row(html, "Exit status", describe_status(report));
    write_row_of_code(html, "Test", join_command(report.command));
    write_row(html, "Started", when(report));
    write_row(html, "Ended by", describe_ending_signal(report));
    write_lives(html, report);
    if (report.status && report.written_by != ReportWriter::StartUp) {
        write_row(html, "Clean-up", describe_clean_up(report));
    }
    html.put("</dl>\n");
    write_last_words(html, report);
    write_warnings(html, report);
}

}  // namespace vlmshim
