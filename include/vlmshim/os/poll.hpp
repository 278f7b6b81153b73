// Waiting without a loop, for the keeper: poll(2).
#pragma once

#include <initializer_list>
#include <optional>

#include "vlmshim/core/types.hpp"

namespace vlmshim::os {

/// Until one of the descriptors is readable or at its end, or the time is over; nullopt: for ever.
/// Negative ones are passed over. True: one of them is.
bool wait_readable(std::initializer_list<int> descriptors, std::optional<Millis> limit);

}  // namespace vlmshim::os
