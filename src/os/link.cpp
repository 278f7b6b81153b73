#include "vlmshim/os/link.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <type_traits>

#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

// Both ends are this very binary.
static_assert(std::is_trivially_copyable_v<ToSupervisor> && std::is_trivially_copyable_v<ToKeeper>);

namespace {

Sent send_bytes(int link, const void* message, std::size_t size) {
    if (::send(link, message, size, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(size)) {
        return Sent::Yes;
    }
    return errno == EPIPE || errno == ECONNRESET ? Sent::Gone : Sent::Full;
}

Received receive_bytes(int link, void* message, std::size_t size) {
    for (;;) {
        const ssize_t got = ::recv(link, message, size, MSG_DONTWAIT);
        if (got == static_cast<ssize_t>(size)) {
            return Received::Message;
        }
        // A side that is closed with messages unread leaves ECONNRESET, once, before the messages that it sent: a
        // signal relayed at the last moment must not lose the verdict.
        if (got < 0 && (errno == EINTR || errno == ECONNRESET)) {
            continue;
        }
        return got < 0 && errno == EAGAIN ? Received::Nothing : Received::EndOfFile;
    }
}

}  // namespace

LinkEnds open_link(std::error_code& error) {
    std::array<int, 2> ends{-1, -1};
    const int result = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data());
    error = result == 0 ? std::error_code{} : last_error();
    return {Fd(ends[0]), Fd(ends[1])};
}

Sent send_message(int link, const ToSupervisor& message) {
    return send_bytes(link, &message, sizeof message);
}

Sent send_message(int link, const ToKeeper& message) {
    return send_bytes(link, &message, sizeof message);
}

Received receive_message(int link, ToSupervisor& message) {
    return receive_bytes(link, &message, sizeof message);
}

Received receive_message(int link, ToKeeper& message) {
    return receive_bytes(link, &message, sizeof message);
}

}  // namespace vlmshim::os
