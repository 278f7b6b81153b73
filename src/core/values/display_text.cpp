#include "vlmshim/core/values/display_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "vlmshim/core/values/hex_digits.hpp"

namespace vlmshim {

namespace {

constexpr bool is_ascii(char32_t code) {
    return code < 0x80;
}

constexpr bool is_letter(char32_t code) {
    return (code >= U'a' && code <= U'z') || (code >= U'A' && code <= U'Z');
}

/// What a lead byte announces, RFC 3629 section 4: the length, and the range of the second byte.
struct Sequence {
    std::size_t length = 0;  // 0: not a lead byte
    std::uint8_t lowest = 0x80;
    std::uint8_t highest = 0xbf;
};

Sequence sequence_of(std::uint8_t lead) {
    if (lead < 0x80) {
        return {1};
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return {2};
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0;
        const bool surrogate = lead == 0xed;
        return {3, static_cast<std::uint8_t>(overlong ? 0xa0 : 0x80),
                static_cast<std::uint8_t>(surrogate ? 0x9f : 0xbf)};
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0;
        const bool too_high = lead == 0xf4;
        return {4, static_cast<std::uint8_t>(overlong ? 0x90 : 0x80),
                static_cast<std::uint8_t>(too_high ? 0x8f : 0xbf)};
    }
    return {};
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

struct Character {
    std::size_t length = 0;  // 0: there is none
    char32_t code = 0;
};

Character character_at_front(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    const std::uint8_t lead = byte_at(text, 0);
    const Sequence sequence = sequence_of(lead);
    if (sequence.length == 0 || text.size() < sequence.length) {
        return {};
    }
    if (sequence.length == 1) {
        return {1, lead};
    }
    char32_t code = lead & (0x7fU >> sequence.length);
    for (std::size_t i = 1; i < sequence.length; ++i) {
        const std::uint8_t byte = byte_at(text, i);
        const bool first = i == 1;
        if (byte < (first ? sequence.lowest : 0x80) || byte > (first ? sequence.highest : 0xbf)) {
            return {};
        }
        code = code << 6U | (byte & 0x3fU);
    }
    return {sequence.length, code};
}

struct Range {
    char32_t first;
    char32_t last;
};

/// In ascending order. Emoji and their variants are not among them.
constexpr std::array harmful{
    Range{0x0000, 0x001f},    // C0
    Range{0x007f, 0x009f},    // DEL, C1
    Range{0x00ad, 0x00ad},    // soft hyphen: invisible, and ignored by comparisons
    Range{0x061c, 0x061c},    // Arabic letter mark
    Range{0x180e, 0x180e},    // Mongolian vowel separator: invisible
    Range{0x200b, 0x200b},    // zero width space
    Range{0x200e, 0x200f},    // direction marks
    Range{0x2028, 0x202e},    // line and paragraph separator, embeddings and overrides of direction
    Range{0x2060, 0x206f},    // word joiner, invisible operators, isolates of direction
    Range{0xfeff, 0xfeff},    // byte order mark
    Range{0xfff9, 0xfffb},    // interlinear annotation: hides text
    Range{0xe0000, 0xe007f},  // tags: an invisible alphabet
};

bool is_harmful(char32_t code) {
    const auto* const range =
        std::find_if(harmful.begin(), harmful.end(), [&](const Range& one) { return code <= one.last; });
    return range != harmful.end() && code >= range->first;
}

/// Legitimate between letters of Persian or parts of an emoji; elsewhere they only hide something.
constexpr bool is_joiner(char32_t code) {
    return code == 0x200c || code == 0x200d;
}

std::string escaped(const TextPiece& piece, Tab tab) {
    switch (piece.kind) {
        case TextPiece::Kind::Harmless:
            return std::string(piece.bytes);
        case TextPiece::Kind::Bracket:
            return "\\[";
        case TextPiece::Kind::Byte:
            return "\\x" + hex_digits(piece.code, 2);
        case TextPiece::Kind::Control:
            break;
    }
    switch (piece.code) {
        case U'\t':
            return tab == Tab::Kept ? "\t" : "\\t";
        case U'\n':
            return "\\n";
        case U'\r':
            return "\\r";
        default:
            break;
    }
    if (is_ascii(piece.code)) {
        return "\\x" + hex_digits(piece.code, 2);
    }
    return unicode_escape(piece.code);
}

}  // namespace

std::optional<TextPiece> TextPieces::next() {
    if (rest_.empty()) {
        return std::nullopt;
    }
    const Character character = character_at_front(rest_);
    TextPiece piece;
    piece.bytes = rest_.substr(0, std::max<std::size_t>(character.length, 1));
    rest_.remove_prefix(piece.bytes.size());
    if (character.length == 0) {
        piece.kind = TextPiece::Kind::Byte;
        piece.code = byte_at(piece.bytes, 0);
    } else {
        piece.kind = kind_of(character.code);
        piece.code = character.code;
    }
    may_join_ = piece.kind == TextPiece::Kind::Harmless && !is_ascii(piece.code);
    return piece;
}

TextPiece::Kind TextPieces::kind_of(char32_t code) {
    if (is_joiner(code)) {
        const Character after = character_at_front(rest_);
        const bool joins = may_join_ && !is_ascii(after.code) && !is_harmful(after.code) && !is_joiner(after.code);
        return joins ? TextPiece::Kind::Harmless : TextPiece::Kind::Control;
    }
    return is_harmful(code) ? TextPiece::Kind::Control : in_command(code);
}

/// "##[", "##vso[", "##teamcity[". Characters beyond ASCII do not interrupt a command: a runner may compare by the
/// rules of a language, which ignore some of them.
TextPiece::Kind TextPieces::in_command(char32_t code) {
    if (!is_ascii(code)) {
        return TextPiece::Kind::Harmless;
    }
    constexpr int both = 2;
    const bool begun = hashes_ == both;
    if (code == U'#') {
        hashes_ = std::min(hashes_ + 1, both);
    } else if (!begun || !is_letter(code)) {
        hashes_ = 0;
    }
    return begun && code == U'[' ? TextPiece::Kind::Bracket : TextPiece::Kind::Harmless;
}

std::string display_text(std::string_view text, Tab tab) {
    std::string shown;
    shown.reserve(text.size());
    TextPieces pieces(text);
    while (const auto piece = pieces.next()) {
        shown += escaped(*piece, tab);
    }
    return shown;
}

std::string_view whole_characters(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) {
        return text;
    }
    // No character is longer than 4 bytes: more continuation bytes in a row are not part of one.
    constexpr std::size_t longest_tail = 3;
    for (std::size_t tail = 0; tail <= std::min(longest, longest_tail); ++tail) {
        const bool is_continuation = (byte_at(text, longest - tail) & 0xc0U) == 0x80;
        if (!is_continuation) {
            return text.substr(0, longest - tail);
        }
    }
    return text.substr(0, longest);
}

}  // namespace vlmshim
