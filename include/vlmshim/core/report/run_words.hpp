// A run in words, for people: what happened, what the status means, what to do.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

/// "Failed: the test exited with 3"
std::string headline(const RunReport& report);

/// "125: a failure of the run, not the test's own status"
std::string describe_status(const RunReport& report);

/// What a reader may do next, with options, keys and commands in backquotes; empty: nothing.
std::string advice(const RunReport& report);

/// The server whose last lines a reader wants first: the one that is blamed, or the only one that can be; nullptr:
/// none.
const RunReport::Server* server_in_question(const RunReport& report);

/// The last lines of that server, more of one that is blamed: a crash ends with a backtrace. None when the run passed.
std::vector<std::string> last_words(const RunReport& report);

/// "SIGTERM from pid 42 (bash), at 1.234 s"; empty: no signal ended the run, or its sender was not recorded.
std::string describe_ending_signal(const RunReport& report);

/// "exited with 0"; "ended with the run: exited with 0"; empty: not known
std::string how_it_ended(const RunReport& report, const RunReport::Server& server);

/// "started at 3 ms, ready after 1.2 s, ended with the run: exited with 0 at 4.1 s"
std::string life_of(const RunReport& report, const RunReport::Server& server);

/// "3 processes at the end of the run, 1 ended by SIGKILL; port 8080 is free"
std::string describe_clean_up(const RunReport& report);

}  // namespace vlmshim
