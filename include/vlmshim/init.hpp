// vlmshim --init: a vlmshim.toml to start from.
#pragma once

#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

/// Writes it into the working folder, and logs what it wrote. Returns the exit status: 0, or 125 when nothing was
/// written.
int init(const CommandLine& line);

}  // namespace vlmshim
