// Durations as people write them: "500ms", "1.5s", "2m", "1h", "1m30s".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// One or more number-and-unit pairs, the units in falling order: h, m, s, ms. "0s" is allowed. nullopt: without a
/// unit, with a sign, above 1000 h, or not a whole number of milliseconds.
std::optional<Millis> parse_duration(std::string_view text);

/// Why parse_duration refuses a text: `needs a unit: write "3s"`, ...
std::string explain_bad_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: 90000 ms -> "1m30s".
std::string format_duration(Millis duration);

/// For people: "340 ms", "2.1 s", "3 min 20 s".
std::string describe_duration(Millis duration);

/// "5 min ago", "3 days ago"
std::string describe_age(Millis age);

}  // namespace vlmshim
