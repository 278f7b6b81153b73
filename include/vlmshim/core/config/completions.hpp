// What --completions prints: the files of config/completions, which the build puts into core/config/completions.cpp.in.
#pragma once

#include <string_view>

namespace vlmshim {

enum class Shell { Bash, Zsh, Fish };

/// The whole file, as it is installed.
std::string_view completions(Shell shell);

}  // namespace vlmshim
