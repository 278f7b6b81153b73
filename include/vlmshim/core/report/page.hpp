// The report of a run as a page for a browser, vlmshim-report(5).
#pragma once

#include <string>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// HTML in UTF-8, which is well-formed XML as well. It needs no script and nothing from elsewhere.
std::string to_page(const RunReport& report);

}  // namespace vlmshim
