#include "vlmshim/core/values/utf8.hpp"

#include <cstdint>

namespace vlmshim {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

bool continues(std::uint8_t byte) {
    return byte >= 0x80 && byte <= 0xbf;
}

/// 0: no sequence begins with it.
std::size_t length_by(std::uint8_t lead) {
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    return lead < 0xe0 ? 2 : (lead < 0xf0 ? 3 : 4);
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0);
    const std::size_t length = length_by(lead);
    if (length <= 1) {
        return length;
    }
    std::uint8_t lowest = 0x80;
    std::uint8_t highest = 0xbf;
    if (lead == 0xe0 || lead == 0xf0) {
        lowest = lead == 0xe0 ? 0xa0 : 0x90;  // overlong
    } else if (lead == 0xed) {
        highest = 0x9f;  // surrogates
    } else if (lead == 0xf4) {
        highest = 0x8f;  // above U+10FFFF
    }
    if (text.size() < length || byte_at(text, 1) < lowest || byte_at(text, 1) > highest) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if (!continues(byte_at(text, i))) {
            return 0;
        }
    }
    return length;
}

char32_t utf8_code_point(std::string_view sequence) {
    const std::uint8_t lead = byte_at(sequence, 0);
    if (sequence.size() == 1) {
        return lead;
    }
    char32_t point = lead & (0xffU >> (sequence.size() + 1));
    for (std::size_t i = 1; i < sequence.size(); ++i) {
        point = (point << 6U) | (byte_at(sequence, i) & 0x3fU);
    }
    return point;
}

std::string_view whole_characters(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) {
        return text;
    }
    // No sequence is longer than 4 bytes: with more that go on in a row, it is none.
    for (std::size_t end = longest; end > 0 && longest - end < 4; --end) {
        if (!continues(byte_at(text, end))) {
            return text.substr(0, end);
        }
    }
    return text.substr(0, longest);
}

}  // namespace vlmshim
