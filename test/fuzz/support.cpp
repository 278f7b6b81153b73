#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "fuzz.hpp"

namespace fuzz {

void require(bool holds, std::string_view what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
        std::abort();
    }
}

void require_printable(std::string_view text, std::string_view what) {
    require(std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }), what);
}

std::vector<std::string_view> split(std::string_view data, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = data.find(separator);
        parts.push_back(data.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        data.remove_prefix(end + 1);
    }
}

}  // namespace fuzz
