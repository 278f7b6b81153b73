// The text of a path, before anybody looks where it leads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/N", "/proc/self/fd/N": such a path means the descriptor that
/// we were given under this number. Repeated and "." parts do not matter, links are not followed.
std::optional<int> descriptor_named(std::string_view path);

/// Where a name stands. "a/b" is "b" in "a"; "b" is "b" in "."; "/b" is "b" in "/". An empty name: the path ends with
/// a slash.
struct PathParts {
    std::string folder;
    std::string name;
};
PathParts split_path(std::string_view path);

}  // namespace vlmshim
