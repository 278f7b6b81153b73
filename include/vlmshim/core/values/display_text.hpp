// Text from outside (command lines, process and user names, a server's output, a file's contents) made safe to show: on
// a terminal, in a log, to a CI runner that looks for commands in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// A character of UTF-8, or a byte that is not part of one.
struct TextPiece {
    enum class Kind {
        Harmless,  // shown as it is
        Control,   // controls a terminal, changes the reading direction, ends a line, or is invisible
        Byte,      // not UTF-8 (RFC 3629); some terminals take a few of these as controls
        Bracket,   // the '[' of "##[" and "##vso[", which begin a command to the runner of GitHub, Azure, TeamCity
    };
    Kind kind = Kind::Harmless;
    char32_t code = 0;  // for a Byte: its value
    std::string_view bytes;
};

/// Splits a text, which has to outlive it.
class TextPieces {
public:
    explicit TextPieces(std::string_view text) : rest_(text) {}

    /// nullopt: at the end.
    std::optional<TextPiece> next();

private:
    TextPiece::Kind kind_of(char32_t code);
    TextPiece::Kind in_command(char32_t code);

    std::string_view rest_;
    int hashes_ = 0;         // how much of "##" was seen: 0 to 2
    bool may_join_ = false;  // the last character was harmless and not ASCII
};

enum class Tab { Escaped, Kept };

/// One line, in which everything harmful is escaped: \n, \t, \x1b, \u202e, \U000e0001, bytes as \xff, "##[" as "##\[".
/// Idempotent. "::command::" passes: runners obey it at the beginning of a line only, and no line of ours begins with
/// text from outside.
std::string display_text(std::string_view text, Tab tab = Tab::Escaped);

/// The first `longest` bytes at most, without cutting a character of UTF-8 in two.
std::string_view whole_characters(std::string_view text, std::size_t longest);

}  // namespace vlmshim
