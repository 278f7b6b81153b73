// vlmshim --runs: the runs that live on this machine.
#pragma once

#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

/// Prints the user's, or all for root. 0: there is at least one; 1: there is none; 125: they cannot be seen.
int list_runs(const CommandLine& line);

}  // namespace vlmshim
