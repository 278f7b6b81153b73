// Finds TOML that is nested too deep for the parser.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "vlmshim/core/config/toml_node.hpp"

namespace vlmshim {

/// The most levels: each name in a header or dotted key is one, and each bracket of a value.
inline constexpr std::size_t deepest_toml = 64;

/// Where the text goes deeper. The parser recurses once for each level, and again to destroy the result, so a key of
/// 100,000 dots would exhaust the stack. nullopt: nowhere, or only after the first syntax error.
std::optional<TextPosition> where_too_deep(std::string_view text);

}  // namespace vlmshim
