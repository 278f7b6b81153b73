// Writing to a descriptor that we share with the caller and the test, without ever waiting for its reader, and without
// O_NONBLOCK on their description: that would make their own writes fail.
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
    /// `fd` is borrowed. Nothing is asked of it before the first write: most runs say nothing.
    explicit Outlet(int fd);
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;
    ~Outlet();

    enum class State {
        Ready,   // it took everything
        Full,    // nobody reads: the rest has to wait
        Failed,  // it takes nothing: closed, the reader is gone, no space left on the device
    };
    struct Written {
        std::size_t bytes = 0;
        State state = State::Ready;
        std::error_code error{};  // Failed: why
    };
    /// As much of it as fits. Up to 4096 bytes reach a pipe as one piece, or not at all.
    Written write(std::string_view text);

    /// Where poll(2) tells that a full one takes more. A terminal may take more without telling.
    int descriptor() const;
    /// How much was taken and has not been written yet. 0 but for the last resort, a thread.
    std::size_t under_way() const;
    /// What has become of that, once it is not under way any more.
    std::error_code late_error() const;

private:
    enum class Way {
        Unknown,
        Plain,   // a regular file never waits for a reader; one description keeps what the test writes and ours apart
        Socket,  // send(2), MSG_DONTWAIT
        NowaitWrite,  // pwritev2(2), RWF_NOWAIT
        Own,          // a description of our own, with O_NONBLOCK
        Thread,       // it may wait
        Polled,       // no thread to be had: after poll(2), which others can make untrue
        Nowhere,
    };

    void choose_way();
    /// Of a description of our own, a thread, or polling, the first that is to be had.
    void choose_slower_way();
    /// -1: see errno.
    long write_piece(std::string_view piece);

    int fd_;
    Way way_ = Way::Unknown;
    Fd own_;
    std::shared_ptr<WritingThread> thread_;
};

}  // namespace vlmshim::os
