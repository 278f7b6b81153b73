#include "vlmshim/os/room_watch.hpp"

#include <sys/epoll.h>

namespace vlmshim::os {

RoomWatch::RoomWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool RoomWatch::watch(int fd) {
    forget();
    epoll_event room{};
    room.events = EPOLLOUT;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &room) != 0) {
        return false;
    }
    watched_ = fd;
    return true;
}

void RoomWatch::forget() {
    if (watched_ >= 0) {
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watched_, nullptr);
        watched_ = -1;
    }
}

}  // namespace vlmshim::os
