// Which run of vlmshim started a process.
#pragma once

#include <vector>

#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim {

/// By its environment; where that was wiped (setproctitle), by its process group if a dead run led that, else by its
/// ancestors.
RunOfProcess run_of(const Processes& processes, Pid pid);

struct DeadRunsProcess {
    ProcessIdentity process;
    RunOfProcess run;
};

/// All processes of dead runs, except those that must never be ended: PID 1, this process and its ancestors. One pass
/// over all processes.
std::vector<DeadRunsProcess> left_by_dead_runs(const Processes& processes);

}  // namespace vlmshim
