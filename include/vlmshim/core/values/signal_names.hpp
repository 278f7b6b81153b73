// Signal names of signal(7): "SIGTERM" <-> 15.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Accepts "SIGTERM", "TERM", "15", "SIGRTMIN+3", "SIGRTMAX-1", in any case. nullopt when unknown, and for 32 and 33,
/// which the C library reserves.
std::optional<Signal> parse_signal(std::string_view text);

/// "SIGTERM"; "SIGRTMIN+3" for real-time signals; "signal 99" for anything else.
std::string signal_name(Signal signal);

/// The names without the real-time signals, for "did you mean".
std::vector<std::string> signal_names();

}  // namespace vlmshim
