// Ownership of one file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace vlmshim::os {

/// Closes on destruction; -1 owns nothing.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset() {
        if (fd_ >= 0) {
            ::close(fd_);  // never retried on EINTR: Linux has closed it, close(2)
            fd_ = -1;
        }
    }

private:
    int fd_ = -1;
};

}  // namespace vlmshim::os
