// How a run ended: its status, and why that is not the test's own.
#pragma once

#include <optional>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/server_id.hpp"

namespace vlmshim {

/// Why a run ends with a status of ours instead of the test's own.
enum class Failure {
    None,
    Interrupted,       // by a signal before the test existed
    PortBusy,          // 125
    ServerNotStarted,  // 125: could not be executed
    ServerDied,        // 125: while loading or under the test
    ServerNotReady,    // 125: within its time limit
    ServerNotOurs,     // 125: another process answers in its place
    TestNotStarted,    // 126, 127, or 125 when fork(2) failed
    TestTimedOut,      // 124
    Leftovers,         // 125: leftovers = "fail"
    NotCleaned,        // 125: a process or a port holder is left
    KeeperLost,        // the process that our caller waits for was killed
};

/// What the end of a server's main process means.
enum class ServerEnd {
    Expected,
    Ignored,  // on_exit = "ignore"
    BeforeReady,
    BeforeTest,  // it was ready, others were not
    WhileServing,
    UnderTest,
};

struct Outcome {
    Failure failure = Failure::None;
    std::optional<ServerId> server;  // that the failure is about; nullopt: it is about none
    ExitStatus status;
    std::optional<ExitStatus> test;              // its own end; nullopt: it did not run or has not ended
    std::optional<Signal> ended_by;              // the signal that ended the run; nullopt: none did
    ServerEnd server_end = ServerEnd::Expected;  // Failure::ServerDied: when
    std::optional<ServerId> listener_lost{};     // a server that stopped listening under the test, but is alive
};

}  // namespace vlmshim
