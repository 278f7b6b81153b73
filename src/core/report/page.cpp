#include "vlmshim/core/report/page.hpp"

#include "core/report/page_parts.hpp"
#include "vlmshim/core/report/run_words.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/utc_text.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

void write_row(HtmlWriter& html, std::string_view name, std::string_view text) {
    if (!text.empty()) {
        html.put("<dt>{}</dt><dd>{}</dd>\n", {name, text});
    }
}

void write_row_of_code(HtmlWriter& html, std::string_view name, std::string_view code) {
    if (!code.empty()) {
        html.put("<dt>{}</dt><dd><code>{}</code></dd>\n", {name, code});
    }
}

std::ptrdiff_t number_of(const RunReport& report, const RunReport::Server& server) {
    return &server - report.servers.data() + 1;
}

std::string readable_time(Millis since_epoch) {
    const std::string utc = utc_text(since_epoch);
    const std::size_t time = utc.find('T');
    return joined({utc.substr(0, time), " ", utc.substr(time + 1, 8), " UTC"});
}

std::string to_page(const RunReport& report) {
    constexpr std::size_t longest_command = 200;
    const std::string command = join_command(report.command);
    HtmlWriter html;
    // The policy: whatever a mistake might let through is not run, and loads nothing.
    html.put(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\"/>"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{}{}{}</title>",
        {headline(report), command.empty() ? "" : " - ", whole_characters(command, longest_command)});
    write_style(html);
    html.put("</head>\n<body><main>");
    write_summary(html, report);
    write_timeline(html, report);
    write_servers(html, report);
    write_ended_processes(html, report);
    write_ports(html, report);
    write_surroundings(html, report);
    return html.put("</main></body></html>\n").html();
}

}  // namespace vlmshim
