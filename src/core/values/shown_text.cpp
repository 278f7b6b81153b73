#include "vlmshim/core/values/shown_text.hpp"

#include <algorithm>
#include <limits>

#include "vlmshim/core/values/utf8.hpp"

namespace vlmshim {

namespace {

std::string in_hex(std::string_view sign, unsigned number, std::size_t digits) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text(sign);
    for (std::size_t i = digits; i > 0; --i) {
        text += hex[(number >> (4 * (i - 1))) & 15U];
    }
    return text;
}

/// The Bidi_Control characters of Unicode, and what it counts as a line end.
bool moves_text(char32_t point) {
    return point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

std::string shown_character(std::string_view sequence) {
    const char32_t point = utf8_code_point(sequence);
    if (point == '\n' || point == '\r') {
        return point == '\n' ? "\\n" : "\\r";
    }
    if ((point < 0x20 && point != '\t') || point == 0x7f) {
        return in_hex("\\x", point, 2);
    }
    if ((point >= 0x80 && point < 0xa0) || moves_text(point)) {
        return in_hex("\\u", point, 4);
    }
    return std::string(sequence);
}

/// How many bytes at the front are shown as they are, whatever stands before them: most of most texts.
std::size_t plain_bytes(std::string_view text) {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte >= 0x7f || c == '[';
    });
    return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t most) {
    std::string shown;
    while (!text.empty()) {
        if (const std::size_t plain = std::min(plain_bytes(text), most - shown.size()); plain > 0) {
            shown += text.substr(0, plain);
            text.remove_prefix(plain);
            continue;
        }
        const std::size_t length = utf8_sequence(text);
        std::string next = length == 0 ? in_hex("\\x", static_cast<unsigned char>(text[0]), 2)
                                       : shown_character(text.substr(0, length));
        // The beginning of a command to the runner of GitHub Actions or Azure Pipelines.
        if (next == "[" && (shown.ends_with("##") || shown.ends_with("##vso"))) {
            next = "\\[";
        }
        if (shown.size() + next.size() > most) {
            return shown + "...";
        }
        shown += next;
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return shown;
}

std::string shown_text(std::string_view text) {
    return shown_text(text, std::numeric_limits<std::size_t>::max());
}

}  // namespace vlmshim
