// Waiting without a loop: poll(2).
#pragma once

#include <optional>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

/// Negative ones are passed over.
struct Readable {
    int one = -1;
    int other = -1;
};

/// Until one of the descriptors is readable or at its end, or the time is over; nullopt: for ever. True: one of them
/// is.
bool wait_readable(Readable descriptors, std::optional<Millis> limit) noexcept;

/// Until there is room on `fd`, one of the others is readable or at its end, or the time is over.
void wait_for_room(int fd, Readable others, Millis limit) noexcept;

/// Until there is something to read from `one`, or its end, or `other` is readable. True: `one` is.
bool wait_to_read(int one, int other) noexcept;

/// Until `one` can be written to, or writing to it fails at once; or `other` is readable; or the time is over. True:
/// `one` can. Negative ones are passed over.
bool wait_to_write(int one, int other, Millis limit) noexcept;

}  // namespace vlmshim::os
