// Text that somebody else wrote - command lines, process and user names, what a server printed, a file's contents -
// made safe to show: on a terminal, in a log, to a CI runner that looks for commands in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// A character of UTF-8, or a byte that belongs to none.
struct TextPiece {
    enum class Kind {
        Harmless,  // shown as it is
        Control,   // drives a terminal, turns the reading direction, ends a line, or cannot be seen
        Byte,      // not of UTF-8 (RFC 3629); a terminal may take some of these as controls
        Bracket,  // the '[' of "##[" and "##vso[", which would begin a command to the runner of GitHub, Azure, TeamCity
    };
    Kind kind = Kind::Harmless;
    char32_t code = 0;  // of a Byte: its value
    std::string_view bytes;
};

/// Takes a text apart. The text outlives it.
class TextPieces {
public:
    explicit TextPieces(std::string_view text) : rest_(text) {}

    /// nullopt: that was all.
    std::optional<TextPiece> next();

private:
    TextPiece::Kind kind_of(char32_t code);
    TextPiece::Kind in_command(char32_t code);

    std::string_view rest_;
    int hashes_ = 0;         // of "##", as far as it has been seen
    bool may_join_ = false;  // what came last was neither ASCII nor harmful
};

enum class Tab { Escaped, Kept };

/// One line: all but what is harmless is written as \n, \t, \x1b, \u202e, \U000e0001, bytes as \xff, and "##[" as
/// "##\[". Done twice it changes nothing more. Nothing guards against "::command::", which runners obey at the
/// beginning of a line only: no line of ours begins with somebody else's text.
std::string display_text(std::string_view text, Tab tab = Tab::Escaped);

/// The beginning of a text, at most so many bytes of it, with no character of UTF-8 cut in two.
std::string_view whole_characters(std::string_view text, std::size_t longest);

}  // namespace vlmshim
