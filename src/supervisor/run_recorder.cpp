#include "vlmshim/supervisor/run_recorder.hpp"

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/os/clock.hpp"

namespace vlmshim {

RunRecorder::RunRecorder(const Config& config, const std::string& run, const Sockets& sockets,
                         const Processes& processes, ReportFile& file, Log& log)
    : config_(config),
      sockets_(sockets),
      processes_(processes),
      file_(file),
      log_(log),
      started_(os::steady_clock()),
      report_(begin_report(config, "supervisor")),
      ended_(processes, file.wanted() ? EndedLog::Wanted::Yes : EndedLog::Wanted::No) {
    report_.run = run;
    report_.servers.resize(config.servers.size());
    take_ports(PortNumbers(config));
}

/// Also at the end: an "auto" has a number by then, and may have had another one before.
void RunRecorder::take_ports(const PortNumbers& ports) {
    report_.ports = ports.guarded();
    for (std::size_t i = 0; i < report_.servers.size(); ++i) {
        const ServerConfig& server = config_.servers[i];
        RunReport::Server& entry = report_.servers[i];
        entry.name = server.name;
        entry.port = ports.of(i).value_or(Port{});
        const bool is_known = entry.port != auto_port;
        entry.command = is_known ? substitute_port(server.command, entry.port) : server.command;
    }
}

Millis RunRecorder::since_start() const {
    return os::steady_clock() - started_;
}

void RunRecorder::begin() {
    entered(Phase::Claiming);
    if (wanted()) {
        file_.begin(report_);
    }
}

void RunRecorder::entered(Phase phase) {
    report_.duration = since_start();
    if (phase != Phase::Done) {
        report_.phases.push_back({phase, report_.duration});
    }
}

void RunRecorder::signal_arrived(const SignalInfo& info, const std::string& from) {
    constexpr std::size_t most = 1'000;  // a terminal may send SIGWINCH all day
    if (wanted() && report_.signals.size() < most) {
        report_.signals.push_back({since_start(), info.signal, info.sender, from});
    }
}

void RunRecorder::server_started(ServerId server, Pid pid, const std::string& probe) {
    at(server).pid = pid;
    at(server).reused = pid.value == 0;
    at(server).probe = probe;
    at(server).started_at = since_start();
}

void RunRecorder::server_ready(ServerId server) {
    at(server).ready_at = since_start();
}

void RunRecorder::listener_lost(ServerId server) {
    at(server).listener_lost_at = since_start();
}

void RunRecorder::server_ended(ServerId server, ExitStatus status) {
    at(server).status = status;
}

void RunRecorder::answered(ServerId server, const AnswerHistory& answers) {
    at(server).answers = answers;
}

void RunRecorder::test_started(Pid pid) {
    report_.test = RunReport::Test{pid, since_start(), {}, {}};
}

void RunRecorder::test_ended(ExitStatus status) {
    if (report_.test) {
        report_.test->ended_at = since_start();
        report_.test->status = status;
    }
}

void RunRecorder::look_at_ports_before() {
    if (wanted() && !report_.ports_before) {
        report_.ports_before = look_up(sockets_, processes_, config_.ports.guard);
    }
}

ExitStatus RunRecorder::finish(const Outcome& outcome, const PortNumbers& ports, os::ReaderWait& reader) {
    if (!wanted()) {
        return outcome.status;
    }
    take_ports(ports);
    report_.duration = since_start();
    report_.status = outcome.status;
    report_.cause = failure_name(outcome.failure);
    add_ended(report_, ended_);
    report_.ports_after = look_up(sockets_, processes_, ports.guarded());
    return file_.finish(report_, outcome.status, log_, reader);
}

}  // namespace vlmshim
