// Finds and reads the configuration file, then lays the command line over it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

struct LoadedConfig {
    Config config;
    std::vector<std::string> errors;  // not empty: do not run
    std::vector<std::string> warnings;
    std::vector<std::string> folders{};  // that were searched for a file
    std::optional<Signal> ended_by;      // a signal ended the wait for the file, a pipe; it is in `errors`, too
};

/// Order: --config, $VLMSHIM_CONFIG, what find_config() finds; with --no-config none. A file that is named may belong
/// to any user, and be a pipe.
LoadedConfig load_config(const CommandLine& line, const os::InheritedSignals& inherited);

}  // namespace vlmshim
