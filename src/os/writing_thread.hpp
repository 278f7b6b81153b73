// A thread that waits in write(2) for us: the last resort of an Outlet.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string_view>

#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// It gets its pieces through a pipe that keeps them apart: a packet each, pipe(2) on O_DIRECT.
class WritingThread {
public:
    /// `fd` is borrowed by the thread, which ends some time after close(). nullptr: no pipe or no thread is to be had.
    static std::shared_ptr<WritingThread> start(int fd);

    /// For start(), which checks what has failed.
    explicit WritingThread(int fd);

    /// As write(2), without waiting; at most PIPE_BUF bytes. Fails as the thread's last write did.
    long write(std::string_view piece);
    /// The thread writes what it has, and ends.
    void close() { writer_.reset(); }
    /// Becomes writable when there is room.
    int descriptor() const { return writer_.get(); }
    /// Bytes that were taken and are not written yet.
    std::size_t under_way() const { return taken_ - done_; }
    /// errno of a write that failed; 0: none did.
    int error() const { return error_; }
    /// False after a fork, which copies this and not the thread.
    bool runs_here() const { return owner_ == ::getpid(); }

private:
    static void* run(void* kept);
    void copy();
    bool write_all(std::string_view piece);

    int fd_;
    pid_t owner_ = ::getpid();
    Fd reader_;
    Fd writer_;
    std::size_t taken_ = 0;
    std::atomic<std::size_t> done_{0};
    std::atomic<int> error_{0};
};

}  // namespace vlmshim::os
