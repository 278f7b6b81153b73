#include "vlmshim/os/poll.hpp"

#include <poll.h>

#include <array>

namespace vlmshim::os {

namespace {

bool wait_ready(int fd, short events, Interrupts interrupts, std::optional<Millis> limit) noexcept {
    std::array entries{pollfd{.fd = fd, .events = events, .revents = 0},
                       pollfd{.fd = interrupts.one, .events = POLLIN, .revents = 0},
                       pollfd{.fd = interrupts.other, .events = POLLIN, .revents = 0}};
    const int timeout = limit ? static_cast<int>(limit->count()) : -1;
    return ::poll(entries.data(), entries.size(), timeout) > 0 && entries[0].revents != 0;
}

}  // namespace

bool wait_readable(int fd, Interrupts interrupts, std::optional<Millis> limit) noexcept {
    return wait_ready(fd, POLLIN, interrupts, limit);
}

bool wait_writable(int fd, Interrupts interrupts, std::optional<Millis> limit) noexcept {
    return wait_ready(fd, POLLOUT, interrupts, limit);
}

}  // namespace vlmshim::os
