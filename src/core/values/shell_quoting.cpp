// The way back: an argv as a line that can be pasted into a shell.
#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/hex_digits.hpp"
#include "vlmshim/core/values/shell_words.hpp"

namespace vlmshim {

namespace {

bool is_harmless(std::string_view word) {
    TextPieces pieces(word);
    while (const auto piece = pieces.next()) {
        if (piece->kind != TextPiece::Kind::Harmless) {
            return false;
        }
    }
    return true;
}

std::string bash_escape(const TextPiece& piece) {
    switch (piece.kind) {
        case TextPiece::Kind::Harmless:
            return (piece.code == U'\'' || piece.code == U'\\' ? "\\" : "") + std::string(piece.bytes);
        case TextPiece::Kind::Byte:
        case TextPiece::Kind::Bracket:
        case TextPiece::Kind::Control:
            break;
    }
    if (piece.code == U'\n' || piece.code == U'\t') {
        return piece.code == U'\n' ? "\\n" : "\\t";
    }
    if (piece.bytes.size() == 1) {
        return "\\x" + hex_digits(piece.code, 2);
    }
    return unicode_escape(piece.code);
}

/// $'...' of bash, in which display_text() finds nothing to escape.
std::string quote_with_escapes(std::string_view word) {
    std::string quoted = "$'";
    TextPieces pieces(word);
    while (const auto piece = pieces.next()) {
        quoted += bash_escape(*piece);
    }
    return quoted + "'";
}

/// A first word with a '=' would set a variable.
enum class Place { First, Later };

std::string quote_word(std::string_view word, Place place) {
    const std::string_view plain_signs = place == Place::First ? "_@%+:,./-{}" : "_@%+:,./-{}=";
    const bool is_brace_expansion =
        word.find('{') != std::string_view::npos &&
        (word.find(',') != std::string_view::npos || word.find("..") != std::string_view::npos);  // "{a,b}", "{1..3}"
    const auto is_plain = [&](char c) {
        return is_letter_or_digit(c) || plain_signs.find(c) != std::string_view::npos;
    };
    if (!word.empty() && !is_brace_expansion && std::all_of(word.begin(), word.end(), is_plain)) {
        return std::string(word);
    }
    if (!is_harmless(word)) {
        return quote_with_escapes(word);
    }
    std::string quoted = "'";
    for (const char c : word) {
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return quoted + "'";
}

}  // namespace

std::string join_command(const std::vector<std::string>& argv) {
    std::string line;
    for (const std::string& word : argv) {
        line += line.empty() ? quote_word(word, Place::First) : " " + quote_word(word, Place::Later);
    }
    return line;
}

}  // namespace vlmshim
