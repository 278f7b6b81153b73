// One datagram of a sock_diag dump.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "fuzz.hpp"
#include "vlmshim/os/sock_diag.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

template <typename Value>
std::string bytes_of(const Value& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::uint16_t in_network_order(std::uint16_t value) {
    return static_cast<std::uint16_t>(value << 8 | value >> 8);
}

/// As the kernel writes it, with attributes behind it.
std::string message_about(const Listener& listener, const std::string& attributes) {
    inet_diag_msg message{};
    message.idiag_family = listener.address.is_v4() ? AF_INET : AF_INET6;
    message.idiag_state = 10;  // LISTEN
    message.id.idiag_sport = in_network_order(listener.port.number);
    const auto v4 = listener.address.v4_bytes();
    const auto& v6 = listener.address.bytes();
    if (listener.address.is_v4()) {
        std::memcpy(message.id.idiag_src, v4.data(), v4.size());
    } else {
        std::memcpy(message.id.idiag_src, v6.data(), v6.size());
    }
    message.idiag_uid = listener.uid.value_or(0);
    message.idiag_inode = static_cast<std::uint32_t>(listener.inode);
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof message) + attributes.size());
    header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header.nlmsg_flags = NLM_F_MULTI;
    std::string text = bytes_of(header) + bytes_of(message) + attributes;
    text.resize(NLMSG_ALIGN(text.size()));
    return text;
}

Listener any_listener(Feed& feed) {
    Listener listener{};
    listener.port = Port{feed.number<std::uint16_t>()};
    listener.inode = feed.number<std::uint32_t>();
    listener.uid = feed.number<std::uint32_t>();
    Address::V6Bytes bytes{};
    const bool is_v4 = feed.flag();
    for (std::size_t i = is_v4 ? 12 : 0; i < bytes.size(); ++i) {
        bytes[i] = feed.number<std::uint8_t>();
    }
    listener.address =
        is_v4 ? Address::of(Address::V4Bytes{bytes[12], bytes[13], bytes[14], bytes[15]}) : Address::of(bytes);
    return listener;
}

/// What the kernel tells of a socket is what is known of it: whose it is above all.
void is_read_back(Feed& feed) {
    std::vector<Listener> told;
    std::string datagram;
    for (std::size_t left = 1 + feed.below(3); left > 0; --left) {
        told.push_back(any_listener(feed));
        datagram += message_about(told.back(), feed.text());
    }
    std::vector<Listener> found;
    require(os::take_messages(datagram, found) == os::DumpStep::More, "what the kernel writes is understood");
    require(found == told, "address, port, inode and uid are those of the socket");
    const std::size_t cut = 1 + feed.below(datagram.size() - 1);
    std::vector<Listener> some;
    os::take_messages(std::string_view(datagram).substr(0, cut), some);
    require(some.size() <= told.size() && std::equal(some.begin(), some.end(), told.begin()),
            "of a datagram that was cut off, whole sockets are known, or none");
}

}  // namespace

void netlink(std::string_view data) {
    constexpr std::size_t smallest = 16 + 72;  // nlmsghdr and inet_diag_msg
    std::vector<Listener> found;
    switch (os::take_messages(data, found)) {
        case os::DumpStep::More:
        case os::DumpStep::Done:
        case os::DumpStep::Failed:
            break;
    }
    require(found.size() <= data.size() / smallest, "no socket comes from nowhere");
    for (const Listener& listener : found) {
        require_printable(describe_address(listener), "an address is printable");
        require(listener.uid.has_value(), "the kernel always says whose a socket is");
    }
    Feed feed(data);
    is_read_back(feed);
}

}  // namespace fuzz
