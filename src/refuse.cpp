#include "vlmshim/refuse.hpp"

#include "vlmshim/cleanup/signal_wait.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

void log_failures(const std::vector<std::string>& errors, Log& log) {
    for (const std::string& error : errors) {
        log.error(error);
        log.annotate_failure(error);
    }
}

void report_not_started(const NotStarted& why, const Config& config, const os::Inheritance& inheritance,
                        ReportFile& file, Log& log) {
    RunReport report = begin_report(config, "start-up");
    report.status = why.status;
    report.cause = why.cause;
    report.reason = why.errors.front();
    report.errors = why.errors;
    SignalWait reader(inheritance.signals);
    file.finish(report, why.status, log, reader);
}

int refuse(const NotStarted& why, Config config, const CommandLine& line, const os::Inheritance& inheritance) {
    const StderrLog log;
    log_failures(why.errors, *log);
    config.report = line.report.value_or(config.report);
    if (line.mode == Mode::Run && !config.report.empty()) {
        if (!line.command.empty()) {
            config.test.command = line.command;
        }
        ReportFile file(config.report, inheritance);
        report_not_started(why, config, inheritance, file, *log);
    }
    return exit_own_failure;
}

}  // namespace vlmshim
