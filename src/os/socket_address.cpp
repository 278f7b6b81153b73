#include "vlmshim/os/socket_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace vlmshim::os {

sockaddr_storage to_sockaddr(const Address& address, Port port) {
    sockaddr_storage where{};
    if (address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(where);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port.number);
        std::memcpy(&v4.sin_addr, address.v4_bytes().data(), sizeof v4.sin_addr);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port.number);
        std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    }
    return where;
}

Port to_port(const sockaddr_storage& where) {
    switch (where.ss_family) {
        case AF_INET:
            return Port{ntohs(reinterpret_cast<const sockaddr_in&>(where).sin_port)};
        case AF_INET6:
            return Port{ntohs(reinterpret_cast<const sockaddr_in6&>(where).sin6_port)};
        default:
            return Port{};
    }
}

}  // namespace vlmshim::os
