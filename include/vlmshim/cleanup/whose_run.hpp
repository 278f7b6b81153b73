// Which run of vlmshim started a process.
#pragma once

#include <vector>

#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim {

/// By what it carries; where that was wiped (setproctitle), by its group if that was a dead run's, else by its parents.
RunOfProcess run_of(const Processes& processes, Pid pid);

struct DeadRunsProcess {
    ProcessIdentity process;
    RunOfProcess run;
};

/// Everything of dead runs but what must not be ended for it: PID 1, this process and its ancestors. One pass over all
/// processes.
std::vector<DeadRunsProcess> left_by_dead_runs(const Processes& processes);

}  // namespace vlmshim
