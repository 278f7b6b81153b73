#include "vlmshim/cleanup/report_file.hpp"

#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

RunReport begin_report(const Config& config, const std::string& writer) {
    RunReport report;
    report.written_by = writer;
    report.command = config.test.command;
    report.config_file = config.file;
    report.started = os::wall_clock();
    report.ports = config.ports.guard;
    return report;
}

void add_ended(RunReport& report, const EndedLog& ended) {
    report.ended = ended.list();
    report.ended_total = ended.total();
}

ExitStatus write_report(const Config& config, const RunReport& report, ExitStatus status, Log& log) {
    const auto error = os::replace_file(config.report, to_json(report));
    if (!error) {
        return status;
    }
    const std::string problem = "the report " + config.report + " cannot be written: " + error.message();
    if (!status.success()) {
        log.warn(problem);
        return status;
    }
    log.error(problem, " (exit status ", exit_own_failure, ")");
    log.annotate_failure(problem);
    return ExitStatus::exited(exit_own_failure);
}

}  // namespace vlmshim
