// The report of a run, vlmshim-report(5), on its way to the file.
#pragma once

#include <string>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

/// What is known at the start; `writer` goes into written_by.
RunReport begin_report(const Config& config, const std::string& writer);

void add_ended(RunReport& report, const EndedLog& ended);

/// Returns the status to end with: `status`, or 125 when that is 0 and the file cannot be written.
ExitStatus write_report(const Config& config, const RunReport& report, ExitStatus status, Log& log);

}  // namespace vlmshim
