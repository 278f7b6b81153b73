// Finds and reads the configuration file, then lays the command line over it.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

struct LoadedConfig {
    Config config;
    std::vector<std::string> errors;  // not empty: do not run
};

/// Order: --config, $VLMSHIM_CONFIG, vlmshim.toml in the working directory or a parent of it (up to
/// the repository's root or $HOME, both included), $XDG_CONFIG_HOME/vlmshim/vlmshim.toml (default
/// ~/.config), /etc/vlmshim.toml. None is fine; --no-config looks for none.
LoadedConfig load_config(const CommandLine& line);

}  // namespace vlmshim
