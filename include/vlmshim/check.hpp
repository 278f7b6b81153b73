// vlmshim --check: what is in effect, and what will not work.
#pragma once

#include "vlmshim/load_config.hpp"
#include "vlmshim/os/inheritance.hpp"

namespace vlmshim {

/// The configuration to standard output, what will not work as warnings to standard error. The exit status: 0, or 125
/// when not all could be written.
int check(const LoadedConfig& loaded, const os::Inheritance& inheritance);

}  // namespace vlmshim
