// Reports room on a descriptor of the caller to an event loop, which would set O_NONBLOCK on a descriptor that it
// watches itself.
#pragma once

#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

class RoomWatch {
public:
    RoomWatch();
    /// An epoll(7) of our own, readable when there is room. -1: the kernel refused it.
    int descriptor() const { return epoll_.get(); }

    /// Until forget(). False: this descriptor cannot be watched.
    bool watch(int fd);
    void forget();

private:
    Fd epoll_;
    int watched_ = -1;
};

}  // namespace vlmshim::os
