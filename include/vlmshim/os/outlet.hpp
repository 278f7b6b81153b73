// Writing to a descriptor that we share with the caller and the test, without ever waiting for its reader, and without
// setting O_NONBLOCK on the shared description, which would make their own writes fail.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

class WritingThread;

class Outlet {
public:
    /// `fd` is borrowed. It is not looked at before the first write: most runs write nothing.
    explicit Outlet(int fd);
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;
    ~Outlet();

    enum class State {
        Ready,   // everything was taken
        Full,    // the reader does not read: the rest has to wait
        Failed,  // nothing will be taken: closed, no reader any more, no space left on the device
    };
    struct Written {
        std::size_t bytes = 0;
        State state = State::Ready;
        std::error_code error{};  // Failed: why
    };
    /// As much as fits. Up to PIPE_BUF (4096) bytes reach a pipe as one piece, or not at all, pipe(7).
    Written write(std::string_view text);

    /// poll(2) reports it writable when a full one takes more; a terminal may take more without being reported.
    int descriptor() const;
    /// Bytes that were taken and are not written yet. Always 0 without a thread (the last resort).
    std::size_t under_way() const;
    /// Why bytes that were under way could not be written.
    std::error_code late_error() const;

private:
    enum class Way {
        Unknown,
        Plain,        // write(2): a regular file has no reader to wait for, and one description has one offset for all
                      // writers
        Socket,       // send(2), MSG_DONTWAIT
        NowaitWrite,  // pwritev2(2), RWF_NOWAIT
        Own,          // a description of our own, with O_NONBLOCK
        Thread,       // it may wait
        Polled,       // no thread is to be had: after poll(2), but another writer can take the room in between
        Nowhere,
    };

    void choose_way();
    /// The first that is to be had of Own, Thread and Polled.
    void choose_slower_way();
    /// As write(2): bytes, or -1 and errno.
    long write_piece(std::string_view piece);

    int fd_;
    Way way_ = Way::Unknown;
    Fd own_;
    std::shared_ptr<WritingThread> thread_;
};

}  // namespace vlmshim::os
