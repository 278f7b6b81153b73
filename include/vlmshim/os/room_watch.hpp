// When a descriptor of the caller's takes more, for an event loop that would set O_NONBLOCK on what it watches itself.
#pragma once

#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

class RoomWatch {
public:
    /// Of an epoll(7) of our own, which is readable when there is room. -1: the kernel gives us none.
    RoomWatch();
    int descriptor() const { return epoll_.get(); }

    /// Until forget(). False: it cannot be watched.
    bool watch(int fd);
    void forget();

private:
    Fd epoll_;
    int watched_ = -1;
};

}  // namespace vlmshim::os
