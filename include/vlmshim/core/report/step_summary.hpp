// The summary of a run for the page of a job on GitHub Actions.
#pragma once

#include <string>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// Markdown: a heading with the verdict, the test's command, why it failed, a table of test and servers, what was
/// ended. Empty for a run that passed without a server and left nothing to end.
std::string step_summary(const RunReport& report);

}  // namespace vlmshim
