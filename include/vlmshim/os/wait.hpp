// The only waitid(2) of the program.
#pragma once

#include <vector>

#include "vlmshim/core/exit_status.hpp"
#include "vlmshim/core/types.hpp"

namespace vlmshim::os {

struct Reaped {
    Pid pid;
    ExitStatus status;
};

struct WaitRound {
    std::vector<Reaped> reaped;
    bool no_children = false;  // ECHILD: for a subreaper, no descendant at all is left
};

/// Reaps every child that has ended, without waiting. SIGCHLD coalesces, so it takes them all.
WaitRound reap_children();

}  // namespace vlmshim::os
