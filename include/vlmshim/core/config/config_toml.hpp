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

/// Where relative paths in the file start. A pipe has no folder, and in /etc nothing is to be written.
enum class RelativeTo { FolderOfFile, CallersFolder };

/// `text`: the whole file. `file` is for messages and relative paths. Reports all errors at once, but of syntax errors
/// only the first. The default guarded ports are filled in by finish_config.
ParsedConfig parse_config(std::string_view text, const std::string& file, RelativeTo base = RelativeTo::FolderOfFile);

}  // namespace vlmshim
