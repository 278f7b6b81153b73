#include "vlmshim/core/values/toml_text.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/hex_digits.hpp"

namespace vlmshim {

namespace {

std::string escape(const TextPiece& piece) {
    switch (piece.kind) {
        case TextPiece::Kind::Harmless:
            return (piece.code == U'"' || piece.code == U'\\' ? "\\" : "") + std::string(piece.bytes);
        case TextPiece::Kind::Byte:
            return "\xef\xbf\xbd";  // U+FFFD: TOML can neither contain nor escape such a byte
        case TextPiece::Kind::Control:
        case TextPiece::Kind::Bracket:
            break;
    }
    switch (piece.code) {
        case U'\n':
            return "\\n";
        case U'\t':
            return "\\t";
        case U'\r':
            return "\\r";
        default:
            break;
    }
    return unicode_escape(piece.code);
}

bool is_bare(char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-';
}

}  // namespace

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    TextPieces pieces(text);
    while (const auto piece = pieces.next()) {
        quoted += escape(*piece);
    }
    return quoted + "\"";
}

std::string list_quoted(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) {
        list += (list.empty() ? "" : ", ") + toml_string(text);
    }
    return list;
}

std::string toml_array(const std::vector<std::string>& texts) {
    return "[" + list_quoted(texts) + "]";
}

std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
    return bare ? std::string(key) : toml_string(key);
}

std::string quote_found(std::string_view text) {
    constexpr std::size_t longest = 60;
    if (text.size() <= longest) {
        return toml_string(text);
    }
    return toml_string(whole_characters(text, longest - 3)) + "...";
}

}  // namespace vlmshim
