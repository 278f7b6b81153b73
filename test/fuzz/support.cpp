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

namespace {

bool is_between(std::string_view character, std::string_view first, std::string_view last) {
    return character >= first && character <= last;
}

}  // namespace

void require_printable(std::string_view text, std::string_view what) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        require((byte < 0 || byte >= ' ') && byte != 0x7f, what);
        const std::string_view two = text.substr(at, 2);
        const std::string_view three = text.substr(at, 3);
        require(!is_between(two, "\xc2\x80", "\xc2\x9f"), what);            // C1
        require(three != "\xe2\x80\x8b" && three != "\xef\xbb\xbf", what);  // zero width space, byte order mark
        require(!is_between(three, "\xe2\x80\x8e", "\xe2\x80\x8f"), what);  // direction marks
        require(!is_between(three, "\xe2\x80\xa8", "\xe2\x80\xae"), what);  // line ends, overrides
        require(!is_between(three, "\xe2\x81\xa6", "\xe2\x81\xa9"), what);  // isolates
        require(three != "##[" && text.substr(at, 6) != "##vso[", what);    // commands to a CI runner
    }
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
