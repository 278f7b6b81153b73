// The kernel's clocks. The event loop has a clock of its own.
#pragma once

#include <cstdint>
#include <optional>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

/// Since the Unix epoch, CLOCK_REALTIME; jumps when the clock is set.
Millis wall_clock();

/// Never jumps, clock_gettime(2) CLOCK_MONOTONIC.
Millis steady_clock();

/// Time since a process started at `start_ticks` (ProcStat); nullopt where the kernel has no CLOCK_BOOTTIME.
std::optional<Millis> age_of(std::uint64_t start_ticks);

}  // namespace vlmshim::os
