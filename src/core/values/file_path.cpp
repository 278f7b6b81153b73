#include "vlmshim/core/values/file_path.hpp"

#include <vector>

#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::string_view part = next_part(path, '/');
        if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    return parts;
}

std::optional<int> number_of(std::string_view text) {
    int number = -1;
    return read_number(text, number) && number >= 0 ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<int> descriptor_named(std::string_view path) {
    if (!path.starts_with('/') || path.ends_with('/')) {
        return std::nullopt;
    }
    const std::vector<std::string_view> parts = parts_of(path);
    if (parts.size() == 2 && parts[0] == "dev") {
        constexpr std::string_view standard[] = {"stdin", "stdout", "stderr"};
        for (int number = 0; number < 3; ++number) {
            if (parts[1] == standard[number]) {
                return number;
            }
        }
    }
    if (parts.size() == 3 && parts[0] == "dev" && parts[1] == "fd") {
        return number_of(parts[2]);
    }
    if (parts.size() == 4 && parts[0] == "proc" && parts[1] == "self" && parts[2] == "fd") {
        return number_of(parts[3]);
    }
    return std::nullopt;
}

PathParts split_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) {
        return {".", std::string(path)};
    }
    return {std::string(path.substr(0, slash == 0 ? 1 : slash)), std::string(path.substr(slash + 1))};
}

}  // namespace vlmshim
