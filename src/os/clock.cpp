#include "vlmshim/os/clock.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace vlmshim::os {

namespace {

std::optional<Millis> read_clock(clockid_t clock) {
    timespec now{};
    if (::clock_gettime(clock, &now) != 0) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<Millis>(std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
}

}  // namespace

Millis wall_clock() {
    return read_clock(CLOCK_REALTIME).value_or(Millis{0});
}

Millis steady_clock() {
    return read_clock(CLOCK_MONOTONIC).value_or(Millis{0});
}

std::optional<Millis> age_of(std::uint64_t start_ticks) {
    const auto since_boot = read_clock(CLOCK_BOOTTIME);
    const long ticks_per_second = ::sysconf(_SC_CLK_TCK);
    if (!since_boot || ticks_per_second <= 0) {
        return std::nullopt;
    }
    const Millis start{static_cast<Millis::rep>(start_ticks * 1'000 / static_cast<std::uint64_t>(ticks_per_second))};
    return std::max(*since_boot - start, Millis{0});
}

}  // namespace vlmshim::os
