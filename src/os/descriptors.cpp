#include "vlmshim/os/descriptors.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

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
    struct CloseDir {
        void operator()(DIR* dir) const { ::closedir(dir); }
    };
    if (const std::unique_ptr<DIR, CloseDir> dir{::opendir("/proc/self/fd")}) {
        while (const dirent* entry = ::readdir(dir.get())) {
            int fd = -1;
            const char* end = entry->d_name + std::strlen(entry->d_name);
            if (std::from_chars(entry->d_name, end, fd).ptr == end && fd > 2 && fd != ::dirfd(dir.get())) {
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

}  // namespace vlmshim::os
