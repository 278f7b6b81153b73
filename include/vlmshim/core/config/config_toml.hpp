// vlmshim.toml(5): text to Config. The only user of toml++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

struct ParsedConfig {
    Config config;
    /// "FILE:LINE:COLUMN: what was found, what is allowed", in file order. Not empty: do not run.
    std::vector<std::string> errors;
};

/// What a relative path in the file starts from. A pipe has no folder, and /etc is nobody's for writing.
enum class RelativeTo { FolderOfFile, CallersFolder };

/// Reads a whole file's text. `file` is used in messages, and its folder for relative paths. Reports every
/// error of the file at once (a syntax error stops at the first). No default guard ports yet:
/// see finish_config.
ParsedConfig parse_config(std::string_view text, const std::string& file, RelativeTo base = RelativeTo::FolderOfFile);

}  // namespace vlmshim
