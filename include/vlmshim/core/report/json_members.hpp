// Members of a JSON object that are null when their value is not known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Null when empty.
void write_text(JsonWriter& json, std::string_view key, std::string_view text);
/// Null when 0.
void write_pid(JsonWriter& json, std::string_view key, Pid pid);
/// Null when 0: none was chosen.
void write_port(JsonWriter& json, std::string_view key, Port port);
void write_millis(JsonWriter& json, std::string_view key, std::optional<Millis> value);
void write_count(JsonWriter& json, std::string_view key, std::optional<std::uint64_t> value);

/// Without those that were not chosen yet.
void write_ports(JsonWriter& json, std::string_view key, std::span<const Port> ports);

}  // namespace vlmshim
