// The outer process: the pid that the caller sees. It relays signals, stops and continues with the
// test, exits as the test did, and ends the run itself when the supervisor is killed.
#pragma once

#include <functional>

#include "vlmshim/cleanup/run_setup.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/os/link.hpp"

namespace vlmshim {

/// Forks the supervisor, which calls `supervise` with its end of the link (borrowed), sends what that returns as its
/// last message, and exits; returns in the keeper only, with the status to exit with. Throws std::system_error if no
/// supervisor could be started.
ExitStatus keep(const RunSetup& setup, const std::function<os::ToKeeper(int link)>& supervise);

}  // namespace vlmshim
