// Standard output, for --help, --check, --who.
#pragma once

#include <cstdio>
#include <string>

#include "vlmshim/core/values/exit_status.hpp"

namespace vlmshim {

/// 0, or 125 when not all of it could be written.
inline int print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written ? 0 : exit_own_failure;
}

}  // namespace vlmshim
