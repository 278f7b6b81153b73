#include <algorithm>

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/report/json_members.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/utc_text.hpp"
#include "vlmshim/core/values/version.hpp"

namespace vlmshim {

namespace {

/// Counts up when a field changes its meaning or goes; new fields do not count.
constexpr int report_format = 1;

void write_status(JsonWriter& json, std::optional<ExitStatus> status) {
    const bool exited = status && status->kind == ExitStatus::Kind::Exited;
    json.key("exit_code");
    if (exited) {
        json.number(status->value);
    } else {
        json.null();
    }
    write_text(json, "signal", status && !exited ? signal_name(Signal{status->value}) : "");
}

void write_phases(JsonWriter& json, const RunReport& report) {
    json.key("phases").begin_array();
    for (std::size_t i = 0; i < report.phases.size(); ++i) {
        const auto& phase = report.phases[i];
        const Millis end = i + 1 < report.phases.size() ? report.phases[i + 1].at : report.duration;
        json.begin_object().key("phase").string(phase_name(phase.phase));
        write_millis(json, "at_ms", phase.at);
        write_millis(json, "duration_ms", std::max(end - phase.at, Millis{0}));
        json.end_object();
    }
    json.end_array();
}

void write_output(JsonWriter& json, const RunReport::Output& output) {
    json.key("output");
    if (const auto* kept = std::get_if<KeptLines>(&output)) {
        json.begin_object().key("kept").strings(kept->lines).key("dropped").number(kept->dropped).end_object();
    } else if (const auto* file = std::get_if<RunReport::OutputFile>(&output)) {
        json.begin_object().key("file").string(file->path).end_object();
    } else {
        json.null();
    }
}

void write_listening(JsonWriter& json, const std::optional<RunReport::Listening>& listening) {
    json.key("listening");
    if (!listening) {
        json.null();
        return;
    }
    json.begin_object();
    write_pid(json, "pid", listening->pid);
    json.key("command").string(listening->command);
    json.key("addresses").strings(listening->addresses).end_object();
}

void write_servers(JsonWriter& json, const std::vector<RunReport::Server>& servers) {
    json.key("servers").begin_array();
    for (const RunReport::Server& server : servers) {
        json.begin_object().key("name").string(server.name);
        json.key("command").strings(server.command);
        write_port(json, "port", server.port);
        write_pid(json, "pid", server.pid);
        json.key("reused").boolean(server.reused);
        json.key("probe").string(server.probe);
        write_millis(json, "started_at_ms", server.started_at);
        write_millis(json, "ready_at_ms", server.ready_at);
        write_millis(json, "listener_lost_at_ms", server.listener_lost_at);
        write_millis(json, "ended_at_ms", server.ended_at);
        write_listening(json, server.listening);
        json.key("answers").begin_array();
        for (const AnswerHistory::Entry& entry : server.answers.entries()) {
            json.begin_object();
            write_millis(json, "at_ms", server.started_at.value_or(Millis{0}) + entry.at);
            json.key("answer").string(entry.answer).key("times").number(entry.times).end_object();
        }
        json.end_array();
        write_output(json, server.output);
        write_status(json, server.status);
        json.end_object();
    }
    json.end_array();
}

void write_test(JsonWriter& json, const std::optional<RunReport::Test>& test) {
    json.key("test");
    if (!test) {
        json.null();
        return;
    }
    json.begin_object();
    write_pid(json, "pid", test->pid);
    write_millis(json, "started_at_ms", test->started_at);
    write_millis(json, "ended_at_ms", test->ended_at);
    write_status(json, test->status);
    json.end_object();
}

void write_signals(JsonWriter& json, const std::vector<RunReport::SignalSeen>& signals) {
    json.key("signals").begin_array();
    for (const RunReport::SignalSeen& seen : signals) {
        json.begin_object();
        write_millis(json, "at_ms", seen.at);
        json.key("signal").string(signal_name(seen.signal));
        write_pid(json, "sender_pid", seen.sender);
        json.key("sender").string(seen.from).end_object();
    }
    json.end_array();
}

void write_holders(JsonWriter& json, std::string_view key, const std::optional<std::vector<PortHolder>>& holders) {
    json.key(key);
    if (!holders) {
        json.null();
        return;
    }
    constexpr std::size_t most = 1'000;
    json.begin_array();
    for (std::size_t i = 0; i < std::min(holders->size(), most); ++i) {
        json.begin_object();
        write_holder(json, (*holders)[i]);
        json.end_object();
    }
    json.end_array();
}

void write_ended_processes(JsonWriter& json, const std::vector<EndedProcess>& ended) {
    json.key("ended_processes").begin_array();
    for (const EndedProcess& process : ended) {
        json.begin_object();
        write_ended(json, process);
        json.key("why").string(ended_why_name(process.why));
        write_text(json, "server", process.server);
        write_millis(json, "asked_at_ms", process.asked_at);
        write_millis(json, "killed_at_ms", process.killed_at);
        json.end_object();
    }
    json.end_array();
}

void write_warnings(JsonWriter& json, const std::vector<RunReport::Warning>& warnings) {
    json.key("warnings").begin_array();
    for (const RunReport::Warning& warning : warnings) {
        json.begin_object();
        write_millis(json, "at_ms", warning.at);
        json.key("level").string(choice_name(warning.level));
        json.key("text").string(warning.text).end_object();
    }
    json.end_array();
}

void write_strangers(JsonWriter& json, const std::vector<RunReport::Stranger>& strangers) {
    json.key("strangers").begin_array();
    for (const RunReport::Stranger& stranger : strangers) {
        json.begin_object();
        write_millis(json, "at_ms", stranger.at);
        json.key("server").string(stranger.server);
        json.key("description").string(stranger.description).end_object();
    }
    json.end_array();
}

void write_slow_readers(JsonWriter& json, const std::vector<RunReport::SlowReader>& readers) {
    json.key("slow_readers").begin_array();
    for (const RunReport::SlowReader& reader : readers) {
        json.begin_object().key("stream").string(reader.stream);
        json.key("dropped").number(reader.dropped).end_object();
    }
    json.end_array();
}

void write_environment(JsonWriter& json, const RunReport& report) {
    const RunReport::Environment& environment = report.environment;
    json.key("environment").begin_object();
    write_text(json, "vlmshim", environment.vlmshim);
    write_text(json, "kernel", environment.kernel);
    write_text(json, "machine", environment.machine);
    write_count(json, "processors", environment.processors != 0 ? std::optional(environment.processors) : std::nullopt);
    write_count(json, "open_files", environment.open_files);
    write_count(json, "processes", environment.processes);
    json.key("pid_one").boolean(environment.pid_one);
    json.key("subreaper").boolean(environment.subreaper).end_object();
}

}  // namespace

std::string to_json(const RunReport& report) {
    JsonWriter json(JsonWriter::Layout::Indented);
    json.begin_object().key("format").number(report_format);
    json.key("vlmshim").string(version());
    write_text(json, "run", report.run);
    json.key("written_by").string(writer_name(report.written_by));
    json.key("command").strings(report.command);
    write_text(json, "config_file", report.config_file);
    json.key("started").string(utc_text(report.started));
    write_millis(json, "duration_ms", report.duration);
    json.key("verdict").string(verdict_name(verdict_of(report)));
    json.key("cause").string(cause_name(report.cause));
    write_text(json, "reason", report.reason);
    json.key("errors").strings(report.errors);
    write_status(json, report.status);
    write_phases(json, report);
    write_servers(json, report.servers);
    write_test(json, report.test);
    write_signals(json, report.signals);
    write_ended_processes(json, report.ended);
    json.key("ended_total").number(report.ended_total);
    write_ports(json, "ports", report.ports);
    write_holders(json, "ports_before", report.ports_before);
    write_holders(json, "ports_after", report.ports_after);
    write_warnings(json, report.warnings);
    write_strangers(json, report.strangers);
    write_slow_readers(json, report.slow_readers);
    write_text(json, "config_text", report.config_text);
    write_environment(json, report);
    return json.end_object().text() + "\n";
}

}  // namespace vlmshim
