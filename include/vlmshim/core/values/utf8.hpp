// UTF-8, RFC 3629: what is a character, and what is not.
#pragma once

#include <cstddef>
#include <string_view>

namespace vlmshim {

/// Length in bytes of the valid sequence at the front of a text that is not empty; 0: there is none.
std::size_t utf8_sequence(std::string_view text);

/// The code point of such a sequence.
char32_t utf8_code_point(std::string_view sequence);

/// The beginning of a text, at most so many bytes of it, with no sequence cut in two.
std::string_view whole_characters(std::string_view text, std::size_t longest);

}  // namespace vlmshim
