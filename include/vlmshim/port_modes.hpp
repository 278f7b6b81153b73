// The modes that run nothing: --who and --free.
#pragma once

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// Prints which processes listen on the guarded ports. 0: at least one does; 1: none.
int who(const Config& config);

/// Ends them. 0: the ports are free; 125: one is not.
int free_ports(const Config& config, const CommandLine& line);

}  // namespace vlmshim
