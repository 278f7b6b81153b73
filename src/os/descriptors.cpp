#include "vlmshim/os/descriptors.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/os/directory.hpp"

namespace vlmshim::os {

ClosedStdio fill_closed_stdio() {
    ClosedStdio closed{};
    for (int fd = 0; fd < 3; ++fd) {
        if (::fcntl(fd, F_GETFD) != -1) {
            continue;
        }
        closed[static_cast<std::size_t>(fd)] = true;
        // open(2) takes the lowest free number, which is this one. O_PATH: no I/O, as if closed.
        [[maybe_unused]] const int placeholder = ::open("/", O_PATH | O_CLOEXEC);
    }
    return closed;
}

std::vector<int> inherited_descriptors() {
    std::vector<int> found;
    if (Directory entries{"/proc/self/fd"}) {
        while (const char* name = entries.next()) {
            int fd = -1;
            if (read_number(name, fd) && fd > 2 && fd != entries.fd()) {
                found.push_back(fd);
            }
        }
        return found;
    }
    constexpr int highest_tried = 4096;
    for (int fd = 3; fd < highest_tried; ++fd) {
        if (::fcntl(fd, F_GETFD) != -1) {
            found.push_back(fd);
        }
    }
    return found;
}

void close_all(const std::vector<int>& descriptors) {
    for (const int fd : descriptors) {
        ::close(fd);
    }
}

void close_from(int first) {
    if (::syscall(SYS_close_range, first, ~0U, 0) == 0) {
        return;
    }
    for (int fd = first; fd < 3; ++fd) {
        ::close(fd);
    }
    std::vector<int> open = inherited_descriptors();
    std::erase_if(open, [first](int fd) { return fd < first; });
    close_all(open);
}

}  // namespace vlmshim::os
