// What a server can be called. A VLMSHIM_SERVER that is nothing of the kind was not set by a run.
#pragma once

#include <algorithm>
#include <string_view>

#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

/// Letters, digits, '-' and '_', one at least. It has no limit of its own: whoever keeps names of others cuts them.
constexpr bool is_server_name(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

}  // namespace vlmshim
