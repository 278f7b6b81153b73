#include "vlmshim/os/poll.hpp"

#include <poll.h>

#include <array>

namespace vlmshim::os {

bool wait_readable(Readable descriptors, std::optional<Millis> limit) noexcept {
    std::array entries{pollfd{.fd = descriptors.one, .events = POLLIN, .revents = 0},
                       pollfd{.fd = descriptors.other, .events = POLLIN, .revents = 0}};
    return ::poll(entries.data(), entries.size(), limit ? static_cast<int>(limit->count()) : -1) > 0;
}

void wait_for_room(int fd, Readable others, Millis limit) noexcept {
    std::array entries{pollfd{.fd = fd, .events = POLLOUT, .revents = 0},
                       pollfd{.fd = others.one, .events = POLLIN, .revents = 0},
                       pollfd{.fd = others.other, .events = POLLIN, .revents = 0}};
    ::poll(entries.data(), entries.size(), static_cast<int>(limit.count()));
}

namespace {

bool wait_for_either(pollfd one, int other, int limit) noexcept {
    std::array entries{one, pollfd{.fd = other, .events = POLLIN, .revents = 0}};
    return ::poll(entries.data(), entries.size(), limit) > 0 && entries[0].revents != 0;
}

}  // namespace

bool wait_to_read(int one, int other) noexcept {
    return wait_for_either({.fd = one, .events = POLLIN, .revents = 0}, other, -1);
}

bool wait_to_write(int one, int other, Millis limit) noexcept {
    return wait_for_either({.fd = one, .events = POLLOUT, .revents = 0}, other, static_cast<int>(limit.count()));
}

}  // namespace vlmshim::os
