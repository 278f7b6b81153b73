// What is made before the fork, for keeper and supervisor.
#pragma once

#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/step_summary_file.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/run.hpp"

namespace vlmshim {

/// All of it outlives the run.
struct RunSetup {
    const Config& config;
    const os::Inheritance& inheritance;
    os::RunMark mark;
    ReportFiles& reports;
    const StepSummaryFile& summary;
    Log& log;
    Writer& writer;  // behind the log
};

}  // namespace vlmshim
