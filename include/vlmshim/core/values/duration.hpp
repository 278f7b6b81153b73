// Durations as people write them: "500ms", "1.5s", "2m", "1h", "1m30s".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Parses one or more number-and-unit pairs (ms, s, m, h; units in falling order).
/// "0s" is allowed. Without a unit, with a sign, above 1000 h, or no whole number of
/// milliseconds: nullopt.
std::optional<Millis> parse_duration(std::string_view text);

/// What to say after a text that parse_duration refuses: `needs a unit: write "3s"`, ...
std::string explain_bad_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: 90000 ms -> "1m30s".
std::string format_duration(Millis duration);

/// For people: "340 ms", "2.1 s", "3 min 20 s".
std::string describe_duration(Millis duration);

}  // namespace vlmshim
