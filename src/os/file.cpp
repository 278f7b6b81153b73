#include "vlmshim/os/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace vlmshim::os {

std::optional<std::string> read_file(const char* path, std::error_code& error, std::size_t limit) {
    const Fd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        error.assign(errno, std::system_category());
        return std::nullopt;
    }
    std::string text;
    std::array<char, 4096> buffer;
    while (text.size() < limit) {
        const ssize_t got = ::read(fd.get(), buffer.data(), std::min(buffer.size(), limit - text.size()));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            error.assign(errno, std::system_category());
            return std::nullopt;
        }
        if (got == 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    error.clear();
    return text;
}

std::optional<std::string> read_file(const char* path) {
    std::error_code ignored;
    return read_file(path, ignored);
}

Fd open_for_append(const char* path, std::error_code& error) {
    Fd fd(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666));
    error = fd ? std::error_code{} : std::error_code(errno, std::system_category());
    return fd;
}

bool is_owned_by_us_or_root(const char* path) {
    struct stat info{};
    return ::stat(path, &info) == 0 && (info.st_uid == ::geteuid() || info.st_uid == 0);
}

Fd open_null() {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    return Fd(null >= 0 ? null : ::open("/", O_PATH | O_CLOEXEC));
}

Pipe open_pipe(std::error_code& error) {
    std::array<int, 2> ends{-1, -1};
    error = ::pipe2(ends.data(), O_CLOEXEC) == 0 ? std::error_code{} : std::error_code(errno, std::system_category());
    return {Fd(ends[0]), Fd(ends[1])};
}

void write_without_waiting(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        // O_NONBLOCK would change the description that the caller shares with us. poll(2) says
        // writable for a pipe when PIPE_BUF bytes fit, so such a piece does not block.
        pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
        if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
            return;
        }
        const ssize_t written = ::write(fd, data, std::min<std::size_t>(size, PIPE_BUF));
        if (written <= 0) {
            return;
        }
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}

}  // namespace vlmshim::os
