#include "vlmshim/os/sock_diag.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace vlmshim::os {

namespace {

template <typename Bytes>
Address source_of(const inet_diag_msg& message) {
    Bytes bytes;
    std::memcpy(bytes.data(), message.id.idiag_src, bytes.size());
    return Address::of(bytes);
}

std::optional<Listener> to_listener(const inet_diag_msg& message) {
    Listener listener;
    if (message.idiag_family == AF_INET) {
        listener.address = source_of<Address::V4Bytes>(message);
    } else if (message.idiag_family == AF_INET6) {
        listener.address = source_of<Address::V6Bytes>(message);
    } else {
        return std::nullopt;
    }
    listener.port = Port{ntohs(message.id.idiag_sport)};
    listener.inode = message.idiag_inode;
    listener.uid = message.idiag_uid;
    return listener;
}

}  // namespace

// Not NLMSG_NEXT: after a last message of odd length its unsigned count of bytes left wraps below zero.
DumpStep take_messages(std::string_view datagram, std::vector<Listener>& found) {
    while (datagram.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header;
        std::memcpy(&header, datagram.data(), sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) {
            return DumpStep::Failed;
        }
        if (header.nlmsg_type == NLMSG_DONE) {
            return DumpStep::Done;
        }
        inet_diag_msg message;
        const bool listener_follows = header.nlmsg_type == SOCK_DIAG_BY_FAMILY || header.nlmsg_type == TCPDIAG_GETSOCK;
        if (!listener_follows || header.nlmsg_len < NLMSG_HDRLEN + sizeof message) {
            return DumpStep::Failed;
        }
        std::memcpy(&message, datagram.data() + NLMSG_HDRLEN, sizeof message);
        const auto listener = to_listener(message);
        if (!listener) {
            return DumpStep::Failed;
        }
        found.push_back(*listener);
        datagram.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
    }
    return datagram.empty() ? DumpStep::More : DumpStep::Failed;
}

}  // namespace vlmshim::os
