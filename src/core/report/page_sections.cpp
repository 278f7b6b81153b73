#include <algorithm>

#include "core/report/page_parts.hpp"
#include "vlmshim/core/report/ended_groups.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/report/run_words.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

/// Of very long ones the beginning.
std::string_view beginning(std::string_view code) {
    constexpr std::size_t longest = 1'000;
    return whole_characters(code, longest);
}

// --- servers

void write_kept(HtmlWriter& html, const KeptLines& kept, bool open) {
    html.put(open ? Markup("<details open=\"\">") : Markup("<details>"));
    html.put("<summary>Output: {}{}</summary><pre>",
             {count_of(kept.lines.size(), "line"),
              kept.dropped == 0 ? "" : joined({", ", std::to_string(kept.dropped), " between them left out"})});
    for (std::size_t i = 0; i < kept.lines.size(); ++i) {
        if (i == KeptOutput::most_first && kept.dropped > 0) {
            html.put("({} left out)\n", {count_of(kept.dropped, "line")});
        }
        html.put("{}\n", {kept.lines[i]});
    }
    html.put("</pre></details>\n");
}

void write_answers(HtmlWriter& html, const RunReport::Server& server) {
    if (server.answers.entries().empty()) {
        return;
    }
    html.put(
        "<table><thead><tr><th scope=\"col\">Since</th><th scope=\"col\">Times</th>"
        "<th scope=\"col\">Answer to the probe</th></tr></thead><tbody>\n");
    for (const AnswerHistory::Entry& entry : server.answers.entries()) {
        html.put("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                 {exact_time(server.started_at.value_or(Millis{0}) + entry.at), entry.times, entry.answer});
    }
    html.put("</tbody></table>");
}

void write_server(HtmlWriter& html, const RunReport& report, const RunReport::Server& server, bool open) {
    html.put("<h3 id=\"server-{}\">{}</h3><dl>", {number_of(report, server), server.name});
    write_row(html, "Course", life_of(report, server));
    write_row_of_code(html, "Command", join_command(server.command));
    if (server.pid.value != 0) {
        html.put("<dt>Process</dt><dd>pid {}</dd>", {server.pid.value});
    }
    if (server.port != auto_port) {
        html.put("<dt>Port</dt><dd>{}</dd>", {server.port.number});
    }
    write_row(html, "Probe", server.probe);
    if (server.listening) {
        html.put("<dt>Listened on</dt><dd>");
        for (const std::string& address : server.listening->addresses) {
            html.put("{}, ", {address});
        }
        html.put("by pid {} ({})</dd>", {server.listening->pid.value, server.listening->command});
    }
    if (const auto* const file = std::get_if<RunReport::OutputFile>(&server.output)) {
        html.put("<dt>Output</dt><dd>in the file {}</dd>", {file->path});
    }
    html.put("</dl>");
    write_answers(html, server);
    if (const auto* const kept = std::get_if<KeptLines>(&server.output)) {
        write_kept(html, *kept, open);
    }
}

// --- processes and ports

/// "stop signal at 400ms, SIGKILL at 700ms"; "by itself"
std::string how_it_ended(const EndedProcess& process) {
    const bool shows_by_times = process.how == EndedHow::Terminated || process.how == EndedHow::Killed;
    const bool has_times = process.asked_at || process.killed_at;
    return joined({shows_by_times && has_times ? "" : ended_how_name(process.how),
                   !shows_by_times && has_times ? ", " : "", process.asked_at ? "stop signal at " : "",
                   process.asked_at ? exact_time(*process.asked_at) : "",
                   process.asked_at && process.killed_at ? ", " : "", process.killed_at ? "SIGKILL at " : "",
                   process.killed_at ? exact_time(*process.killed_at) : ""});
}

std::string_view state_of(const RunOfProcess& run) {
    switch (run.state) {
        case RunOfProcess::State::None:
            return "";
        case RunOfProcess::State::Alive:
            return ", of a vlmshim run that lives";
        case RunOfProcess::State::Dead:
            return ", of a dead vlmshim run";
        case RunOfProcess::State::Unknown:
            return ", of a vlmshim run that may live";
    }
    return "";
}

void write_holders(HtmlWriter& html, const std::optional<std::vector<PortHolder>>& holders) {
    if (!holders || holders->empty()) {
        html.put("<p>{}</p>", {holders ? "No process listened." : "Not looked at."});
        return;
    }
    constexpr std::size_t most = 100;
    html.put(
        "<table><thead><tr><th scope=\"col\">Address</th><th scope=\"col\">Process</th>"
        "<th scope=\"col\">Since</th><th scope=\"col\">Command</th></tr></thead><tbody>\n");
    for (std::size_t i = 0; i < std::min(holders->size(), most); ++i) {
        const PortHolder& holder = (*holders)[i];
        const bool is_visible = holder.pid.value != 0;
        html.put("<tr><td>{}</td><td>{}{}{}{}</td><td>{}</td><td><code>{}</code></td></tr>\n",
                 {describe_address(holder.listener),
                  is_visible ? joined({"pid ", std::to_string(holder.pid.value)}) : "not visible",
                  holder.user.empty() ? "" : ", user ", holder.user, state_of(holder.run),
                  holder.since && *holder.since >= Millis{0} ? readable_time(*holder.since) : "",
                  beginning(is_visible ? holder.command : holder.not_visible_because)});
    }
    html.put("</tbody></table>");
    if (holders->size() > most) {
        html.put("<p>{} more are not listed.</p>", {count_of(holders->size() - most, "listener")});
    }
}

std::string describe_limit(const std::optional<std::uint64_t>& limit) {
    return limit ? std::to_string(*limit) : "no limit";
}

void write_environment(HtmlWriter& html, const RunReport::Environment& environment) {
    if (environment.kernel.empty()) {
        return;
    }
    html.put("<dt>Program</dt><dd>{}</dd><dt>Kernel</dt><dd>{}, {}</dd>",
             {environment.vlmshim, environment.kernel, environment.machine});
    if (environment.processors != 0) {
        html.put("<dt>Processors</dt><dd>{}</dd>", {environment.processors});
    }
    html.put("<dt>Limits</dt><dd>open files: {}, processes: {}</dd>",
             {describe_limit(environment.open_files), describe_limit(environment.processes)});
    write_row(html, "As PID 1", environment.pid_one ? "yes: there is no keeper" : "");
    write_row(html, "Subreaper", environment.subreaper ? "" : "refused: daemons are found by their environment only");
}

}  // namespace

void write_servers(HtmlWriter& html, const RunReport& report) {
    if (report.servers.empty()) {
        return;
    }
    const RunReport::Server* const blamed = blamed_server(report);
    html.put("<section><h2>Servers</h2>");
    for (const RunReport::Server& server : report.servers) {
        write_server(html, report, server,
                     report.status != ExitStatus::exited(0) && (blamed == nullptr || blamed == &server));
    }
    for (const RunReport::Stranger& stranger : report.strangers) {
        html.put("<p>{}: another process listened in place of server {}: {}</p>",
                 {exact_time(stranger.at), stranger.server, stranger.description});
    }
    html.put("</section>\n");
}

void write_ended_processes(HtmlWriter& html, const RunReport& report) {
    if (report.ended.empty()) {
        return;
    }
    constexpr std::size_t most = 100;
    html.put(
        "<section><h2>Ended processes</h2><p class=\"note\">What was alive when the end of the run began. Processes "
        "of one command that ended alike are one row.</p><table><thead><tr><th scope=\"col\">Processes</th>"
        "<th scope=\"col\">What</th><th scope=\"col\">How it ended</th><th scope=\"col\">Command</th></tr></thead>"
        "<tbody>\n");
    std::size_t rows = 0;
    std::size_t listed = 0;
    for (const EndedGroup& group : group_ended(report.ended)) {
        if (++rows > most) {
            break;
        }
        const EndedProcess& first = group.first;
        html.put("<tr><td>{}{}</td><td>{}</td><td>{}</td><td>{}{}<code>{}</code></td></tr>\n",
                 {group.count == 1 ? "" : joined({std::to_string(group.count), ": "}), describe_pids(group),
                  ended_why_name(first.why), how_it_ended(first), beginning(first.server),
                  first.server.empty() ? "" : ": ", beginning(first.command)});
        listed += group.count;
    }
    html.put("</tbody></table>");
    if (const std::size_t total = std::max(report.ended_total, report.ended.size()); total > listed) {
        html.put("<p>{} not listed.</p>", {count_of(total - listed, "more process")});
    }
    html.put("</section>\n");
}

void write_ports(HtmlWriter& html, const RunReport& report) {
    if (!report.ports_before && !report.ports_after) {
        return;
    }
    const std::vector<Port> ports = numbered_ports(report);
    const auto is_free = [](const auto& holders) { return holders && holders->empty(); };
    if (is_free(report.ports_before) && is_free(report.ports_after) && !ports.empty()) {
        html.put(
            "<section><h2>Ports</h2><p>No process listened on {} before the run, and none after it.</p></section>\n",
            {list_ports(ports)});
        return;
    }
    html.put("<section><h2>Ports</h2><h3>Before the run</h3>");
    write_holders(html, report.ports_before);
    html.put("<h3>After the run</h3>");
    write_holders(html, report.ports_after);
    html.put("</section>\n");
}

void write_surroundings(HtmlWriter& html, const RunReport& report) {
    html.put("<section><h2>Configuration and environment</h2>");
    if (!report.config_text.empty()) {
        html.put("<details><summary>Configuration in effect, without the values of env and headers</summary><pre>");
        for (std::string_view rest = report.config_text; !rest.empty();) {
            html.put("{}\n", {next_part(rest, '\n')});
        }
        html.put("</pre></details>");
    }
    html.put("<dl>");
    write_row(html, "Configuration file", report.config_file.empty() ? "none" : report.config_file);
    write_row(html, "Run", report.run);
    write_row(html, "Written by", writer_name(report.written_by));
    write_environment(html, report.environment);
    html.put("</dl></section>\n");
}

}  // namespace vlmshim
