// The sections of vlmshim.toml(5), from TOML values to Config. parse_config is the way in.
#pragma once

#include <string>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/config/toml_node.hpp"
#include "vlmshim/core/config/toml_reader.hpp"

namespace vlmshim {

/// Relative paths of the file are laid against the folder of `file`.
Config read_sections(const TomlTable& root, const std::string& file, ConfigErrors& errors);

/// [server], or [[server]] several times.
std::vector<ServerConfig> read_servers(TableReader& top, const std::string& file, ConfigErrors& errors);

/// A path of the file, laid against its folder. Text only: nobody looks whether it exists, and ".." is
/// kept for the kernel to follow.
std::string beside(const std::string& file, const std::string& path);

}  // namespace vlmshim
