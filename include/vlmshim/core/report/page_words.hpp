// The page of a run in words: what happened, what the status means, what to do.
#pragma once

#include <string>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// "Failed: the test exited with 3"
std::string headline(const RunReport& report);

/// "125: a failure of the run, not the test's own status"
std::string describe_status(const RunReport& report);

/// What a reader may do next; empty: nothing.
std::string advice(const RunReport& report);

/// The first signal that ends a run, unless the test had ended already; nullptr: there was none.
const RunReport::SignalSeen* ending_signal(const RunReport& report);

/// The server that the reason names; nullptr: it names none.
const RunReport::Server* blamed_server(const RunReport& report);

/// "started at 3ms, ready after 1.2 s, exited with 0 at 4.1s"
std::string life_of(const RunReport::Server& server);

/// "3 processes at the end of the run, 1 ended by SIGKILL; port 8080 is free"
std::string describe_clean_up(const RunReport& report);

}  // namespace vlmshim
