// The sections of the page of a run, in their order, and what they have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/core/values/html_text.hpp"

namespace vlmshim {

/// Style of the page, an element. The page can be read without it: a server of artifacts may forbid it.
void write_style(HtmlWriter& html);

/// What a reader has to know first: why, for how long, the server's last words, what to do.
void write_summary(HtmlWriter& html, const RunReport& report);

/// A row of a <dl>; none without text.
void write_row(HtmlWriter& html, std::string_view name, std::string_view text);
void write_row_of_code(HtmlWriter& html, std::string_view name, std::string_view code);

/// From 1 on, for the link to a server of this report.
std::ptrdiff_t number_of(const RunReport& report, const RunReport::Server& server);

/// "2026-11-24 15:09:29 UTC", for people. `since_epoch`: not negative.
std::string readable_time(Millis since_epoch);

void write_timeline(HtmlWriter& html, const RunReport& report);
void write_servers(HtmlWriter& html, const RunReport& report);
void write_ended_processes(HtmlWriter& html, const RunReport& report);
void write_ports(HtmlWriter& html, const RunReport& report);
void write_surroundings(HtmlWriter& html, const RunReport& report);

}  // namespace vlmshim
