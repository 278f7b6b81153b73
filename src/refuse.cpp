#include "vlmshim/refuse.hpp"

#include "vlmshim/cleanup/hand_out.hpp"
#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/cleanup/signal_wait.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

void log_failures(const std::vector<std::string>& errors, Log& log) {
    for (const std::string& error : errors) {
        log.error(error);
        log.annotate_failure(error);
    }
}

void report_not_started(const NotStarted& why, const Config& config, const os::Inheritance& inheritance,
                        ReportFiles& files, const StepSummaryFile& summary, Log& log) {
    RunReport report = begin_report(config, ReportWriter::StartUp);
    if (files.wanted()) {
        add_surroundings(report, config);
        add_told(report, log, os::steady_clock());
    }
    if (why.cause != Cause::System) {
        report.config_text.clear();  // not all of it could be read
    }
    report.environment.subreaper = true;  // nothing was started: it was not refused
    report.status = why.status;
    if (why.status.kind == ExitStatus::Kind::Signaled) {
        report.ended_by = Signal{why.status.value};
    }
    report.cause = why.cause;
    report.reason = why.errors.front();
    report.errors = why.errors;
    SignalWait reader(inheritance.signals);
    hand_out(report, {files, summary, reader}, log);
}

int refuse(const NotStarted& why, Config config, const CommandLine& line, const os::Inheritance& inheritance) {
    const StderrLog log;
    log_failures(why.errors, *log);
    config.reports = line.reports.empty() ? config.reports : line.reports;
    if (line.mode == Mode::Run) {
        if (!line.command.empty()) {
            config.test.command = line.command;
        }
        log->keep(why.warnings);
        ReportFiles files(config.reports, inheritance);
        report_not_started(why, config, inheritance, files, StepSummaryFile::of_environment(), *log);
    }
    return exit_own_failure;
}

}  // namespace vlmshim
