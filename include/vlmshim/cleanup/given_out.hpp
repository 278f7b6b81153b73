// The pids that processes were given, so that none that was forked during a look is missed.
#pragma once

#include <set>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim {

class GivenOut {
public:
    /// `processes` outlives it.
    explicit GivenOut(const Processes& processes) : processes_(processes) {}

    /// The oldest first. At the first call every pid, then those since the call before. Where the newest pid is not
    /// known: those that were not there at the call before; where the numbers have begun anew: every pid.
    std::vector<Pid> next();

private:
    const Processes& processes_;
    Pid newest_;  // 0: not known
    std::set<Pid> listed_;
};

}  // namespace vlmshim
