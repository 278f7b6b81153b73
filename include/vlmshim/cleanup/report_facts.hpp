// What every report has, whoever writes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

/// With what is known at the start. Nothing is looked up.
RunReport begin_report(const Config& config, ReportWriter writer);

/// Where it runs, and the configuration. Looked up: only for a report that is wanted.
void add_surroundings(RunReport& report, const Config& config);

/// FamilyScope::server_names
std::vector<std::string> server_names(const Config& config);

void add_ended(RunReport& report, const EndedLog& ended);

/// What was said so far, and what of it was lost. `started`: the start of the run, of os::steady_clock().
void add_told(RunReport& report, const Log& log, Millis started);

/// Which of `holders` listens, and where; nullopt: none of them is known.
std::optional<RunReport::Listening> listening_among(const os::HolderSearch& holders,
                                                    const std::vector<Listener>& listeners, const Processes& processes);

}  // namespace vlmshim
