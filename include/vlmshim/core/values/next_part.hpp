// Takes a text apart at a separator.
#pragma once

#include <algorithm>
#include <string_view>

namespace vlmshim {

/// Removes the part before the next separator from the front, and the separator. Without a separator, the whole text.
inline std::string_view next_part(std::string_view& text, char separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

}  // namespace vlmshim
