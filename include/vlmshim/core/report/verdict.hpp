// How a run ended, in the words of its report.
#pragma once

#include <string_view>

#include "vlmshim/core/lifecycle/outcome.hpp"

namespace vlmshim {

/// Why a run did not end as its test did.
enum class Cause {
    None,
    Interrupted,
    PortBusy,
    ServerNotStarted,
    ServerDied,
    ServerNotReady,
    ServerNotOurs,
    TestNotStarted,
    TestTimedOut,
    Leftovers,
    NotCleaned,
    ReportNotWritten,
    KeeperKilled,
    Configuration,     // the command line or a file is wrong: nothing was started
    System,            // the kernel refused what a run needs
    SupervisorKilled,  // the keeper has ended the run in its place
    SupervisorFailed,  // the same, after an error in it: it had no memory, say
};

Cause cause_of(Failure failure);

/// "port-busy"
std::string_view cause_name(Cause cause);

enum class Verdict {
    Running,
    Passed,
    Failed,  // the test, by itself
    TimedOut,
    Interrupted,  // by a signal to the run
    NotStarted,   // neither the test nor all servers of a run without a test
    Error,        // of the run, though the test ran
};

/// "not-started"
std::string_view verdict_name(Verdict verdict);

/// The process that wrote a report.
enum class ReportWriter { Supervisor, Keeper, StartUp };

/// "start-up"
std::string_view writer_name(ReportWriter writer);

}  // namespace vlmshim
