#include "vlmshim/os/poll.hpp"

#include <poll.h>

#include <vector>

namespace vlmshim::os {

bool wait_readable(std::initializer_list<int> descriptors, std::optional<Millis> limit) {
    std::vector<pollfd> entries;
    for (const int descriptor : descriptors) {
        entries.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
    }
    return ::poll(entries.data(), entries.size(), limit ? static_cast<int>(limit->count()) : -1) > 0;
}

}  // namespace vlmshim::os
