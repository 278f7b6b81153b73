// The forms of a report: JSON, or a page for people.
#pragma once

#include <string>
#include <string_view>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

enum class ReportForm { Json, Page };

/// By the ending of the file's name: ".html" and ".htm" are pages.
ReportForm report_form_of(std::string_view path);

std::string report_text(const RunReport& report, ReportForm form);

}  // namespace vlmshim
