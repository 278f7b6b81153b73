// Words about a report that its page uses in several places.
#pragma once

#include <string>
#include <string_view>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// Why no process of this run is the server; empty: one is.
std::string_view why_not_started(const RunReport::Server& server);

/// "server model"; the one that has no name of its own is "server".
std::string server_title(const std::string& name);

/// "1.203 s"; "-" before the start of the run
std::string exact_time(Millis at);

}  // namespace vlmshim
