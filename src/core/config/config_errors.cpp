#include "vlmshim/core/config/config_errors.hpp"

#include <algorithm>

namespace vlmshim {

std::vector<std::string> ConfigErrors::in_file_order() const {
    auto sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> lines;
    for (const auto& [at, message] : sorted) {
        lines.push_back(file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message);
    }
    return lines;
}

}  // namespace vlmshim
