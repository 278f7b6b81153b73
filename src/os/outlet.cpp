#include "vlmshim/os/outlet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <string>

#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

/// The same pipe, or the same terminal: a device can be another one each time it is opened, as /dev/ptmx.
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

/// A description of our own of what is behind `fd`.
Fd open_again(int fd) {
    // The terminal of another user cannot be opened by its name, but as our controlling terminal, tty(4).
    for (const std::string& path : {"/proc/self/fd/" + std::to_string(fd), std::string("/dev/tty")}) {
        Fd own(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (own && leads_to_same(fd, own.get())) {
            return own;
        }
    }
    return {};
}

bool is_refused(int error) {
    // By a kernel before 6.5 for pipes, for what is no pipe, by one that does not know it, by a seccomp filter.
    return error == EOPNOTSUPP || error == EINVAL || error == ENOSYS || error == EPERM;
}

}  // namespace

/// Writes from a pipe of ours, and waits where we must not. It keeps the pieces: a packet each, pipe(2) O_DIRECT.
class Outlet::Helper {
public:
    explicit Helper(int fd) : fd_(fd) {
        std::array<int, 2> ends{-1, -1};
        if (::pipe2(ends.data(), O_CLOEXEC | O_DIRECT) == 0) {
            reader_ = Fd(ends[0]);
            writer_ = Fd(ends[1]);
            ::fcntl(writer_.get(), F_SETFL, O_DIRECT | O_NONBLOCK);  // at our end only
        }
    }

    /// It keeps the helper alive until the pipe is closed at our end. False: there is no thread to be had.
    static bool start(const std::shared_ptr<Helper>& helper) {
        if (!helper->reader_) {
            return false;
        }
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        constexpr std::size_t stack = 64 * 1024;
        ::pthread_attr_setstacksize(&attributes, std::max(static_cast<std::size_t>(PTHREAD_STACK_MIN), stack));
        auto kept = std::make_unique<std::shared_ptr<Helper>>(helper);
        pthread_t thread{};
        const bool started = ::pthread_create(&thread, &attributes, run, kept.get()) == 0;
        ::pthread_attr_destroy(&attributes);
        if (started) {
            kept.release();  // it is the thread's
        }
        return started;
    }

    long write(std::string_view piece) {
        if (error_ != 0) {
            errno = error_;
            return -1;
        }
        const ssize_t written = ::write(writer_.get(), piece.data(), piece.size());
        taken_ += written > 0 ? static_cast<std::size_t>(written) : 0;
        return written;
    }
    /// A fork copies this, and not the thread.
    bool is_ours() const { return owner_ == ::getpid(); }
    void close() { writer_.reset(); }
    int descriptor() const { return writer_.get(); }
    std::size_t under_way() const { return taken_ - done_; }
    int error() const { return error_; }

private:
    static void* run(void* kept) {
        const std::unique_ptr<std::shared_ptr<Helper>> helper(static_cast<std::shared_ptr<Helper>*>(kept));
        (*helper)->copy();
        return nullptr;
    }

    void copy() {
        std::array<char, PIPE_BUF> piece;
        for (;;) {
            const ssize_t got = ::read(reader_.get(), piece.data(), piece.size());
            if (got <= 0) {
                return;
            }
            for (ssize_t at = 0; at < got;) {
                const ssize_t written = ::write(fd_, piece.data() + at, static_cast<std::size_t>(got - at));
                if (written < 0) {
                    error_ = errno;  // the reader is gone
                    break;
                }
                at += written;
            }
            done_ += static_cast<std::size_t>(got);
        }
    }

    int fd_;
    pid_t owner_ = ::getpid();
    Fd reader_;
    Fd writer_;
    std::size_t taken_ = 0;
    std::atomic<std::size_t> done_{0};
    std::atomic<int> error_{0};
};

Outlet::Outlet(int fd) : fd_(fd) {}

Outlet::~Outlet() {
    if (helper_) {
        helper_->close();
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
    constexpr unsigned memory_devices = 1;  // null, zero, full: they never wait
    if (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode) ||
        (S_ISCHR(info.st_mode) && major(info.st_rdev) == memory_devices)) {
        way_ = Way::Plain;
    } else if (S_ISSOCK(info.st_mode)) {
        way_ = Way::Socket;
    } else if (S_ISFIFO(info.st_mode)) {
        way_ = Way::NowaitWrite;  // a named one refuses it
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
    helper_ = std::make_shared<Helper>(fd_);
    way_ = Helper::start(helper_) ? Way::Thread : Way::Polled;
}

Outlet::Written Outlet::write(std::string_view text) {
    if (way_ == Way::Unknown) {
        choose_way();
    }
    if (way_ == Way::Thread && !helper_->is_ours()) {
        helper_->close();
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
            const iovec part{const_cast<char*>(piece.data()), piece.size()};  // it is only read
            return ::pwritev2(fd_, &part, 1, -1, RWF_NOWAIT);
        }
        case Way::Own:
            return ::write(own_.get(), piece.data(), piece.size());
        case Way::Thread:
            return helper_->write(piece);
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
            return helper_->descriptor();
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
    return {helper_ && helper_->is_ours() ? helper_->error() : 0, std::generic_category()};
}

std::size_t Outlet::under_way() const {
    return helper_ && helper_->is_ours() ? helper_->under_way() : 0;
}

}  // namespace vlmshim::os
