// Strings as TOML, for printing a configuration and for quoting in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// A basic string: in double quotes, with escapes for whatever display_text() escapes.
std::string toml_string(std::string_view text);

/// "a", "b"
std::string list_quoted(const std::vector<std::string>& texts);

/// ["a", "b"]
std::string toml_array(const std::vector<std::string>& texts);

/// Bare where TOML allows it, else quoted.
std::string toml_key(std::string_view key);

/// toml_string, shortened where it is long: for messages.
std::string quote_found(std::string_view text);

}  // namespace vlmshim
