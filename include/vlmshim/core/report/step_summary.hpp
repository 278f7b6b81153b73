// The summary of a run for the page of a job on GitHub Actions.
#pragma once

#include <string>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// Markdown: a heading that says what happened, the test's command, why it failed and what to do, a table of test and
/// servers, the last lines of the server that is blamed or the only one, what was ended. Empty for a run that passed
/// without a server and left nothing to end.
std::string step_summary(const RunReport& report);

}  // namespace vlmshim
