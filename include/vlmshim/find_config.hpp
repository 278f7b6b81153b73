// Which file is the configuration when the user has named none, and whether it is obeyed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim {

inline constexpr const char* config_name = "vlmshim.toml";

/// An open configuration.
struct ConfigSource {
    std::string path;
    os::Fd file;  // O_NONBLOCK: a pipe may have nothing yet
    RelativeTo base = RelativeTo::FolderOfFile;
};

struct ConfigSearch {
    std::optional<ConfigSource> source;  // nullopt: there is none, or see `error`
    std::string error;                   // not empty: do not run
    std::vector<std::string> warnings;
    std::vector<std::string> folders{};  // that were searched, in order
};

/// Order: vlmshim.toml in the working directory or a parent of it (up to the repository's root or $HOME, both
/// included), $XDG_CONFIG_HOME/vlmshim/vlmshim.toml (default ~/.config), /etc/vlmshim.toml. The first that exists is
/// taken; there may be none. Its owner has to be trusted, core/config/config_trust.hpp: otherwise that is an error,
/// since a test without its server may pass.
ConfigSearch find_config();

}  // namespace vlmshim
