#include "vlmshim/core/report/run_report.hpp"

#include <algorithm>

#include "vlmshim/core/report/json_members.hpp"
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

void write_ports(JsonWriter& json, std::string_view key, const std::optional<std::vector<PortHolder>>& holders) {
    json.key(key);
    if (!holders) {
        json.null();
        return;
    }
    json.begin_array();
    for (const PortHolder& holder : *holders) {
        json.begin_object();
        write_holder(json, holder);
        json.end_object();
    }
    json.end_array();
}

bool is_the_tests_own(ExitStatus status, const RunReport& report) {
    return report.test && report.test->status == status;
}

}  // namespace

std::string_view failure_name(Failure failure) {
    switch (failure) {
        case Failure::None:
            return "none";
        case Failure::Interrupted:
            return "interrupted";
        case Failure::PortBusy:
            return "port-busy";
        case Failure::ServerNotStarted:
            return "server-not-started";
        case Failure::ServerDied:
            return "server-died";
        case Failure::ServerNotReady:
            return "server-not-ready";
        case Failure::ServerNotOurs:
            return "server-not-ours";
        case Failure::TestNotStarted:
            return "test-not-started";
        case Failure::TestTimedOut:
            return "test-timed-out";
        case Failure::Leftovers:
            return "leftovers";
        case Failure::NotCleaned:
            return "not-cleaned";
        case Failure::KeeperLost:
            return "keeper-killed";
    }
    return {};
}

std::string_view verdict_of(const RunReport& report) {
    if (!report.status) {
        return "running";
    }
    if (report.cause == failure_name(Failure::KeeperLost) || report.written_by == "keeper") {
        return "error";
    }
    if (report.status->success()) {
        return "passed";
    }
    if (report.cause == failure_name(Failure::TestTimedOut)) {
        return "timed-out";
    }
    if (report.cause == failure_name(Failure::Interrupted)) {
        return "interrupted";
    }
    if (is_the_tests_own(*report.status, report)) {
        return "failed";
    }
    return report.test ? "error" : "not-started";
}

std::string to_json(const RunReport& report) {
    JsonWriter json(JsonWriter::Layout::Indented);
    json.begin_object().key("format").number(report_format);
    json.key("vlmshim").string(version());
    write_text(json, "run", report.run);
    json.key("written_by").string(report.written_by);
    json.key("command").strings(report.command);
    write_text(json, "config_file", report.config_file);
    json.key("started").string(utc_text(report.started));
    write_millis(json, "duration_ms", report.duration);
    json.key("verdict").string(verdict_of(report));
    json.key("cause").string(report.cause);
    write_text(json, "reason", report.reason);
    json.key("errors").strings(report.errors);
    write_status(json, report.status);
    write_phases(json, report);
    write_servers(json, report.servers);
    write_test(json, report.test);
    write_signals(json, report.signals);
    json.key("ended_processes").begin_array();
    for (const EndedProcess& process : report.ended) {
        json.begin_object();
        write_ended(json, process);
        json.end_object();
    }
    json.end_array().key("ended_total").number(report.ended_total);
    json.key("ports").begin_array();
    for (const Port port : report.ports) {
        if (port != auto_port) {
            json.number(port.number);
        }
    }
    json.end_array();
    write_ports(json, "ports_before", report.ports_before);
    write_ports(json, "ports_after", report.ports_after);
    return json.end_object().text() + "\n";
}

}  // namespace vlmshim
