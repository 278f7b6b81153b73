#include "vlmshim/supervisor/run_recorder.hpp"

#include <algorithm>

#include "vlmshim/cleanup/hand_out.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/os/clock.hpp"

namespace vlmshim {

RunRecorder::RunRecorder(const Config& config, const std::string& run, const Sockets& sockets,
                         const Processes& processes, ReportFiles& files, const StepSummaryFile& summary, Log& log)
    : config_(config),
      sockets_(sockets),
      processes_(processes),
      files_(files),
      summary_(summary),
      log_(log),
      started_(os::steady_clock()),
      report_(begin_report(config, ReportWriter::Supervisor)),
      ended_(processes, files.wanted() ? EndedLog::Wanted::Yes : EndedLog::Wanted::No,
             [this] { return since_start(); }) {
    report_.run = run;
    if (wanted()) {
        add_surroundings(report_, config);
    }
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
        files_.begin(report_);
    }
}

void RunRecorder::entered(Phase phase) {
    report_.duration = since_start();
    if (phase != Phase::Done) {
        report_.phases.push_back({phase, report_.duration});
    }
}

void RunRecorder::signal_arrived(const SignalInfo& info, const std::string& from, Millis at) {
    // A terminal may send SIGWINCH all day. There is room left for the one that ends the run.
    constexpr std::size_t most = 1'000;
    constexpr std::size_t most_that_end_run = most + 10;
    if (report_.signals.size() < (ends_run(info.signal) ? most_that_end_run : most)) {
        report_.signals.push_back({at - started_, info.signal, info.sender, from});
    }
}

void RunRecorder::server_started(ServerId server, Pid pid, const std::string& probe) {
    at(server).pid = pid;
    at(server).reused = pid.value == 0;
    at(server).probe = probe;
    at(server).started_at = since_start();
}

void RunRecorder::server_ready(ServerId server, const std::function<std::optional<RunReport::Listening>()>& listening) {
    at(server).ready_at = since_start();
    if (wanted()) {
        at(server).listening = listening();
    }
}

/// It is seen at every look, so only news is kept; and not without end, of processes that come and go.
void RunRecorder::stranger_seen(ServerId server, const std::string& description) {
    constexpr std::size_t most = 100;
    const std::string& name = config_.servers[index_of(server)].name;
    const auto is_this = [&](const RunReport::Stranger& one) {
        return one.server == name && one.description == description;
    };
    if (wanted() && report_.strangers.size() < most &&
        std::none_of(report_.strangers.begin(), report_.strangers.end(), is_this)) {
        report_.strangers.push_back({since_start(), name, description});
    }
}

void RunRecorder::listener_lost(ServerId server) {
    at(server).listener_lost_at = since_start();
}

void RunRecorder::server_ended(ServerId server, ExitStatus status) {
    at(server).status = status;
    at(server).ended_at = since_start();
}

void RunRecorder::answered(ServerId server, const AnswerHistory& answers) {
    at(server).answers = answers;
}

void RunRecorder::test_started(Pid pid) {
    report_.test = RunReport::Test{pid, since_start(), {}, {}};
    ended_.test_is(pid);
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
    take_ports(ports);
    report_.duration = since_start();
    report_.status = outcome.status;
    report_.cause = cause_of(outcome.failure);
    report_.blamed = outcome.server;
    report_.ended_by = outcome.ended_by;
    if (wanted()) {
        add_ended(report_, ended_);
        add_told(report_, log_, started_);
        report_.ports_after = look_up(sockets_, processes_, ports.guarded());
    }
    hand_out(report_, {files_, summary_, reader}, log_);
    return *report_.status;
}

}  // namespace vlmshim
