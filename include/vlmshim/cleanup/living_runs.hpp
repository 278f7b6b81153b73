// The runs that live on this machine, found in /proc: no run writes down anywhere that it exists.
#pragma once

#include <cstddef>
#include <vector>

#include "vlmshim/core/report/living_run.hpp"

namespace vlmshim {

struct RunSearch {
    std::vector<LivingRun> runs;  // of this user, for root of all; oldest first
    std::size_t not_shown = 0;    // other runs whose names are held in this network namespace
};

/// Needs os::proc_is_ours. One pass over all processes, and one over the sockets of those that may be looked into.
RunSearch find_living_runs();

}  // namespace vlmshim
