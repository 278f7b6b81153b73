// Ended processes that a reader does not tell apart, as one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/report/ended_process.hpp"

namespace vlmshim {

/// Processes of the same command that ended in the same way for the same reason.
struct EndedGroup {
    EndedProcess first;  // its times are the earliest of all
    std::size_t count = 1;
    Pid lowest;
    Pid highest;
};

/// What could not be ended first, what ended by itself last.
std::vector<EndedGroup> group_ended(const std::vector<EndedProcess>& ended);

/// "pid 7"; "pids 7 to 90", where others may lie between
std::string describe_pids(const EndedGroup& group);

}  // namespace vlmshim
