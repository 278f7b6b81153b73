// What others wrote, as it may be shown: on a terminal, in a CI's log, in a report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vlmshim {

/// Valid UTF-8 that does nothing but be read, on one line. Control characters but the tab are written as "\x1b", "\r",
/// and so are bytes that are not UTF-8; C1, bidirectional controls and Unicode's line ends as "\u202e". The '[' of
/// "##[" and of "##vso[" becomes "\[": a CI's runner obeys these wherever in a line they stand. A backslash stays what
/// it is: this is for reading, not for reading back.
std::string shown_text(std::string_view text);

/// At most so many bytes of it, then "..." if there is more.
std::string shown_text(std::string_view text, std::size_t most);

}  // namespace vlmshim
