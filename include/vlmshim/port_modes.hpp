// The modes that run nothing: --who and --free.
#pragma once

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// Prints who listens on the guarded ports. 0: somebody does; 1: nobody.
int who(const Config& config);

/// Ends them. 0: the ports are free; 125: something stays.
int free_ports(const Config& config, const CommandLine& line);

}  // namespace vlmshim
