// How deep a TOML text is nested, seen before it is parsed.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "vlmshim/core/config/toml_node.hpp"

namespace vlmshim {

/// Tables and arrays within each other: each name of a header or dotted key is one, each bracket of a value is one.
inline constexpr std::size_t deepest_toml = 64;

/// Where the text goes deeper than that: the parser calls itself once a level, and as often again when it lets go, so a
/// key of 100,000 dots would take all of the stack. nullopt: nowhere, or not before the first error of its syntax.
std::optional<TextPosition> where_too_deep(std::string_view text);

}  // namespace vlmshim
