#include "vlmshim/os/write.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/not_written.hpp"

namespace vlmshim::os {

namespace {

/// poll(2) says writable for a pipe when PIPE_BUF bytes fit, so such a piece does not block unless somebody else was
/// faster.
ssize_t write_when_writable(int descriptor, std::string_view text) {
    pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
}

ssize_t write_to_pipe(int descriptor, std::string_view text) {
    const iovec piece{.iov_base = const_cast<char*>(text.data()),
                      .iov_len = std::min<std::size_t>(text.size(), PIPE_BUF)};
    const ssize_t written = ::pwritev2(descriptor, &piece, 1, -1, RWF_NOWAIT);
    // A FIFO, and an old kernel, cannot do that.
    const bool cannot = written < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL || errno == ESPIPE);
    return cannot ? write_when_writable(descriptor, text) : written;
}

ssize_t write_some(int descriptor, std::string_view text) {
    switch (facts_of(descriptor).kind) {
        case FileKind::Regular:
            return ::write(descriptor, text.data(), text.size());
        case FileKind::Socket:
            return ::send(descriptor, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        case FileKind::Fifo:
            return write_to_pipe(descriptor, text);
        case FileKind::None:
        case FileKind::Folder:
        case FileKind::Link:
        case FileKind::Device:
            break;
    }
    return write_when_writable(descriptor, text);
}

/// What else is open is ours.
bool is_callers(int descriptor, const Inheritance& callers) {
    if (descriptor < static_cast<int>(callers.closed_stdio.size())) {
        return !callers.closed_stdio[static_cast<std::size_t>(descriptor)];
    }
    return std::find(callers.descriptors.begin(), callers.descriptors.end(), descriptor) != callers.descriptors.end();
}

}  // namespace

WrittenNow write_now(int descriptor, std::string_view text) {
    for (;;) {
        const ssize_t written = write_some(descriptor, text);
        if (written >= 0) {
            return {.bytes = static_cast<std::size_t>(written), .error = {}};
        }
        if (errno == EAGAIN) {
            return {};
        }
        if (errno != EINTR) {
            return {.bytes = 0, .error = last_error()};
        }
    }
}

std::error_code write_all(int descriptor, std::string_view text, Patience& patience) {
    constexpr Millis look_again{1'000};
    while (!text.empty()) {
        const WrittenNow written = write_now(descriptor, text);
        if (written.error) {
            return written.error;
        }
        text.remove_prefix(written.bytes);
        if (written.bytes == 0 && patience.wait(descriptor, look_again) == Patience::Answer::GivenUp) {
            return NotWritten::GivenUp;
        }
    }
    return {};
}

Fd share_for_writing(int descriptor, const Inheritance& callers, std::error_code& error) {
    const int flags = is_callers(descriptor, callers) ? ::fcntl(descriptor, F_GETFL) : -1;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        error = std::make_error_code(std::errc::bad_file_descriptor);
        return {};
    }
    Fd shared(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    error = shared ? std::error_code{} : last_error();
    return shared;
}

Fd duplicate_for_writing(int descriptor, const Inheritance& callers, std::error_code& error) {
    Fd shared = share_for_writing(descriptor, callers, error);
    if (shared && ::isatty(shared.get()) == 1) {
        const std::string path = "/proc/self/fd/" + std::to_string(shared.get());
        if (Fd own(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)); own) {
            return own;
        }
    }
    return shared;
}

}  // namespace vlmshim::os
