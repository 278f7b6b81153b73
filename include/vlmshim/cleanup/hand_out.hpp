// Where the report of a run goes at its end.
#pragma once

#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/step_summary_file.hpp"

namespace vlmshim {

struct ReportOutlets {
    ReportFiles& files;
    const StepSummaryFile& summary;
    os::ReaderWait& reader;
};

/// Into the files and the summary that are wanted. The last line on standard error says why a run failed: if what
/// cannot be written was logged after the reason, the reason is logged once more. A status of 0 may become 125.
void hand_out(RunReport& report, const ReportOutlets& to, Log& log);

}  // namespace vlmshim
