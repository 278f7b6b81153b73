// vlmshim --check: what is in effect, and what will not work.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/load_config.hpp"
#include "vlmshim/os/inheritance.hpp"

namespace vlmshim {

/// The configuration to standard output, what will not work as warnings to standard error. The exit status: 0, or 125
/// when not all could be written.
int check(const LoadedConfig& loaded, const os::Inheritance& inheritance);

/// What a run needs beside what it is told to start, and cannot find: nothing is to be started then.
std::vector<std::string> missing_programs(const Config& config);

}  // namespace vlmshim
