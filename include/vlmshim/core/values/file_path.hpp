// The text of a path: no file system is consulted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/N" and "/proc/self/fd/N" mean the descriptor with this number
/// that we inherited. Repeated slashes and "." are ignored, links are not followed.
std::optional<int> descriptor_named(std::string_view path);

/// "a/b" is "b" in "a", "b" is "b" in ".", "/b" is "b" in "/". The name is empty where the path ends with a slash.
struct PathParts {
    std::string folder;
    std::string name;
};
PathParts split_path(std::string_view path);

}  // namespace vlmshim
