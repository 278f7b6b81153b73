// A run that is not started: why is logged, and written into its report.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/step_summary_file.hpp"
#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

struct NotStarted {
    std::vector<std::string> errors;  // at least one
    Cause cause = Cause::Configuration;
    ExitStatus status = ExitStatus::exited(exit_own_failure);
    std::vector<std::string> warnings{};  // that were logged already
};

/// Logs all errors, and writes them into report and summary, as far as these are wanted. `config`: as far as it could
/// be read. Returns exit_own_failure.
int refuse(const NotStarted& why, Config config, const CommandLine& line, const os::Inheritance& inheritance);

void log_failures(const std::vector<std::string>& errors, Log& log);

/// Into the report, if one is wanted, and the summary.
void report_not_started(const NotStarted& why, const Config& config, const os::Inheritance& inheritance,
                        ReportFiles& files, const StepSummaryFile& summary, Log& log);

}  // namespace vlmshim
