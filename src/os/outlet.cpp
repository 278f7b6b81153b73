#include "vlmshim/os/outlet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>

#include "vlmshim/os/last_error.hpp"
#include "writing_thread.hpp"

namespace vlmshim::os {

namespace {

/// The same pipe, or the same terminal: opening a device can make a new one, as /dev/ptmx does.
bool leads_to_same(int one, int other) {
    struct stat first {};
    struct stat second {};
    if (::fstat(one, &first) != 0 || ::fstat(other, &second) != 0) {
        return false;
    }
    if (S_ISFIFO(first.st_mode)) {
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
    }
    unsigned of_first = 0;
    unsigned of_second = 0;
    return ::ioctl(one, TIOCGDEV, &of_first) == 0 && ::ioctl(other, TIOCGDEV, &of_second) == 0 && of_first == of_second;
}

/// A description of our own of the file behind `fd`.
Fd open_again(int fd) {
    // A terminal of another user cannot be opened by its name, but can be as our controlling terminal, tty(4).
    for (const std::string& path : {"/proc/self/fd/" + std::to_string(fd), std::string("/dev/tty")}) {
        Fd own(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (own && leads_to_same(fd, own.get())) {
            return own;
        }
    }
    return {};
}

bool is_refused(int error) {
    // By a kernel before 6.5 for pipes, for a file that is no pipe, by a kernel without pwritev2, by a seccomp filter.
    return error == EOPNOTSUPP || error == EINVAL || error == ENOSYS || error == EPERM;
}

}  // namespace

Outlet::Outlet(int fd) : fd_(fd) {}

Outlet::~Outlet() {
    if (thread_) {
        thread_->close();
    }
}

void Outlet::choose_way() {
    struct stat info {};
    const int flags = ::fcntl(fd_, F_GETFL);
    const bool writable = flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY;
    if (!writable || ::fstat(fd_, &info) != 0) {
        way_ = Way::Nowhere;
        return;
    }
    constexpr unsigned memory_devices = 1;  // null, zero, full: writing never waits
    if (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode) ||
        (S_ISCHR(info.st_mode) && major(info.st_rdev) == memory_devices)) {
        way_ = Way::Plain;
    } else if (S_ISSOCK(info.st_mode)) {
        way_ = Way::Socket;
    } else if (S_ISFIFO(info.st_mode)) {
        way_ = Way::NowaitWrite;  // refused by a named pipe
    } else {
        choose_slower_way();
    }
}

void Outlet::choose_slower_way() {
    own_ = open_again(fd_);
    if (own_) {
        way_ = Way::Own;
        return;
    }
    thread_ = WritingThread::start(fd_);
    way_ = thread_ ? Way::Thread : Way::Polled;
}

Outlet::Written Outlet::write(std::string_view text) {
    if (way_ == Way::Unknown) {
        choose_way();
    }
    if (way_ == Way::Thread && !thread_->runs_here()) {
        thread_->close();
        choose_slower_way();
    }
    Written written;
    while (written.bytes < text.size()) {
        const bool in_pieces = way_ != Way::Plain && way_ != Way::Socket;
        const long bytes = write_piece(text.substr(written.bytes, in_pieces ? PIPE_BUF : text.size()));
        if (bytes < 0 && errno == EINTR) {
            continue;
        }
        if (bytes < 0 && way_ == Way::NowaitWrite && is_refused(errno)) {
            choose_slower_way();
            continue;
        }
        if (bytes <= 0) {
            written.state = bytes == 0 || errno == EAGAIN ? State::Full : State::Failed;
            written.error = written.state == State::Failed ? last_error() : std::error_code{};
            break;
        }
        written.bytes += static_cast<std::size_t>(bytes);
    }
    return written;
}

long Outlet::write_piece(std::string_view piece) {
    switch (way_) {
        case Way::Plain:
            return ::write(fd_, piece.data(), piece.size());
        case Way::Socket:
            return ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        case Way::NowaitWrite: {
            const iovec part{const_cast<char*>(piece.data()), piece.size()};  // only read
            return ::pwritev2(fd_, &part, 1, -1, RWF_NOWAIT);
        }
        case Way::Own:
            return ::write(own_.get(), piece.data(), piece.size());
        case Way::Thread:
            return thread_->write(piece);
        case Way::Polled: {
            pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
            if (::poll(&ready, 1, 0) != 1) {
                errno = EAGAIN;
                return -1;
            }
            return ::write(fd_, piece.data(), piece.size());
        }
        case Way::Unknown:
        case Way::Nowhere:
            break;
    }
    errno = EBADF;
    return -1;
}

int Outlet::descriptor() const {
    switch (way_) {
        case Way::Own:
            return own_.get();
        case Way::Thread:
            return thread_->descriptor();
        case Way::Unknown:
        case Way::Plain:
        case Way::Socket:
        case Way::NowaitWrite:
        case Way::Polled:
        case Way::Nowhere:
            break;
    }
    return fd_;
}

std::error_code Outlet::late_error() const {
    return {thread_ && thread_->runs_here() ? thread_->error() : 0, std::generic_category()};
}

std::size_t Outlet::under_way() const {
    return thread_ && thread_->runs_here() ? thread_->under_way() : 0;
}

}  // namespace vlmshim::os
