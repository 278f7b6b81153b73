// Waiting without a loop: poll(2).
#pragma once

#include <optional>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

/// Descriptors that end the waiting when they are readable or at their end.
struct Interrupts {
    int one = -1;
    int other = -1;
};

// Both wait until `fd` is ready, an interrupt comes, or `limit` is over (nullopt: no limit). True: `fd` is ready.
// Negative descriptors are ignored.

/// Ready: a read does not wait, because there are bytes, the end, or an error.
bool wait_readable(int fd, Interrupts interrupts, std::optional<Millis> limit) noexcept;
/// Ready: a write does not wait, because there is room or an error.
bool wait_writable(int fd, Interrupts interrupts, std::optional<Millis> limit) noexcept;

}  // namespace vlmshim::os
