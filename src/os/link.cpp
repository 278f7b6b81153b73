#include "vlmshim/os/link.hpp"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace vlmshim::os {

// Both ends are this very binary.
static_assert(std::is_trivially_copyable_v<LinkMessage>);

LinkEnds open_link(std::error_code& error) {
    std::array<int, 2> ends{-1, -1};
    const int result = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data());
    error = result == 0 ? std::error_code{} : std::error_code(errno, std::system_category());
    return {Fd(ends[0]), Fd(ends[1])};
}

namespace {

/// A message with room for one descriptor, as recvmsg(2) and sendmsg(2) want it.
struct Envelope {
    explicit Envelope(void* data, std::size_t size) : part{data, size} {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }

    iovec part;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
};

}  // namespace

Sent send_message(int link, const LinkMessage& message, int attached) {
    LinkMessage copy = message;
    Envelope envelope(&copy, sizeof copy);
    if (attached >= 0) {
        cmsghdr* const rights = CMSG_FIRSTHDR(&envelope.header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof attached);
        std::memcpy(CMSG_DATA(rights), &attached, sizeof attached);
    } else {
        envelope.header.msg_controllen = 0;
    }
    if (::sendmsg(link, &envelope.header, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof message) {
        return Sent::Yes;
    }
    return errno == EPIPE || errno == ECONNRESET ? Sent::Gone : Sent::Full;
}

Received receive_message(int link, LinkMessage& message, Fd& attached) {
    for (;;) {
        Envelope envelope(&message, sizeof message);
        const ssize_t got = ::recvmsg(link, &envelope.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got == sizeof message) {
            const cmsghdr* const rights = CMSG_FIRSTHDR(&envelope.header);
            if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
                int descriptor = -1;
                std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
                attached = Fd(descriptor);
            }
            return Received::Message;
        }
        // A side that ends with messages unread leaves ECONNRESET, once, in front of what it has sent: a
        // signal relayed in the last moment must not cost the verdict.
        if (got < 0 && (errno == EINTR || errno == ECONNRESET)) {
            continue;
        }
        return got < 0 && errno == EAGAIN ? Received::Nothing : Received::EndOfFile;
    }
}

}  // namespace vlmshim::os
