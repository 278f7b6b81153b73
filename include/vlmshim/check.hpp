// vlmshim --check: what is in effect, and what will not work.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/load_config.hpp"
#include "vlmshim/os/inheritance.hpp"

namespace vlmshim {

/// Writes the configuration to standard output, and warnings about what will not work to standard error. Returns the
/// exit status: 0, or 125 when not all could be written.
int check(const LoadedConfig& loaded, const os::Inheritance& inheritance);

/// What a run needs besides its commands, and cannot find. Not empty: start nothing.
std::vector<std::string> missing_programs(const Config& config);

}  // namespace vlmshim
