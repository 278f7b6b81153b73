#include "writing_thread.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace vlmshim::os {

WritingThread::WritingThread(int fd) : fd_(fd) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_DIRECT) == 0) {
        reader_ = Fd(ends[0]);
        writer_ = Fd(ends[1]);
        ::fcntl(writer_.get(), F_SETFL, O_DIRECT | O_NONBLOCK);  // at our end only
    }
}

std::shared_ptr<WritingThread> WritingThread::start(int fd) {
    auto started = std::make_shared<WritingThread>(fd);
    if (!started->reader_) {
        return nullptr;
    }
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    constexpr std::size_t stack = 64 * 1024;
    ::pthread_attr_setstacksize(&attributes, std::max(static_cast<std::size_t>(PTHREAD_STACK_MIN), stack));
    auto kept = std::make_unique<std::shared_ptr<WritingThread>>(started);
    pthread_t thread{};
    const bool runs = ::pthread_create(&thread, &attributes, run, kept.get()) == 0;
    ::pthread_attr_destroy(&attributes);
    if (!runs) {
        return nullptr;
    }
    static_cast<void>(kept.release());  // the thread's
    return started;
}

void* WritingThread::run(void* kept) {
    const std::unique_ptr<std::shared_ptr<WritingThread>> self(static_cast<std::shared_ptr<WritingThread>*>(kept));
    (*self)->copy();
    return nullptr;
}

void WritingThread::copy() {
    std::array<char, PIPE_BUF> piece;
    for (;;) {
        const ssize_t got = ::read(reader_.get(), piece.data(), piece.size());
        if (got <= 0) {
            return;
        }
        const auto size = static_cast<std::size_t>(got);
        if (!write_all({piece.data(), size})) {
            error_ = errno;
        }
        done_ += size;
    }
}

bool WritingThread::write_all(std::string_view piece) {
    while (!piece.empty()) {
        const ssize_t written = ::write(fd_, piece.data(), piece.size());
        if (written >= 0) {
            piece.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {  // another process has set O_NONBLOCK on the shared description
            pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
            ::poll(&room, 1, -1);
        } else {
            return false;
        }
    }
    return true;
}

long WritingThread::write(std::string_view piece) {
    if (error_ != 0) {
        errno = error_;
        return -1;
    }
    const ssize_t written = ::write(writer_.get(), piece.data(), piece.size());
    taken_ += written > 0 ? static_cast<std::size_t>(written) : 0;
    return written;
}

}  // namespace vlmshim::os
