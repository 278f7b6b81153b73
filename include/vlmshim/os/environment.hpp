// Our own environment.
#pragma once

#include <cstdlib>
#include <string_view>

namespace vlmshim::os {

/// Empty: it is not set, or to nothing. Valid until the environment is changed, getenv(3).
inline std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : std::string_view();
}

/// In a step of GitHub Actions, or of a runner that does the same.
inline bool is_on_github() {
    return environment("GITHUB_ACTIONS") == "true";
}

}  // namespace vlmshim::os
