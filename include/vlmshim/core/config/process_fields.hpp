// The keys for the working directory and the variables of a command.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/toml_reader.hpp"

namespace vlmshim {

/// The meaning of an absent cwd.
inline constexpr std::string_view cwd_absence = "none: the folder of this file, for a typed command the caller's";

/// The folder of the file when the key is absent.
std::optional<std::string> read_cwd(TableReader& table, std::string_view key);

/// Variables to set; those that vlmshim sets itself are refused.
std::optional<std::map<std::string, std::string>> read_env(TableReader& table, std::string_view key);

std::optional<std::vector<std::string>> read_unset_env(TableReader& table, std::string_view key);

}  // namespace vlmshim
