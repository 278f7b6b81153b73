// The child of a spawn, up to its exec. It runs in our memory, on a stack of its own, while we wait, so that our page
// tables are not copied. So only async-signal-safe calls, and nothing that leaves a trace, such as an allocation.
#pragma once

#include <sys/types.h>

#include "vlmshim/os/spawn.hpp"

namespace vlmshim::os {

struct ChildLaunch {
    const SpawnRequest& request;
    pid_t parent;
    const char* callers_cwd;  // nullptr: not needed, or it has no path any more
    int callers_folder;       // the same, opened; -1: not needed
    char** argv;
    int report;  // closed on exec: takes a ChildFailure where there is no exec
};

struct ChildFailure {
    SpawnError::Stage stage;
    int error;  // errno
};

/// For clone(2); `launch`: a ChildLaunch. Returns the exit status when there is no exec.
int run_child(void* launch);

}  // namespace vlmshim::os
