#include "vlmshim/os/bind.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/socket_address.hpp"

namespace vlmshim::os {

namespace {

Fd open_tcp_socket(IpVersion version) {
    const int domain = version == IpVersion::V4 ? AF_INET : AF_INET6;
    return Fd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

bool set_option(const Fd& socket, int level, int option, int value) {
    return ::setsockopt(socket.get(), level, option, &value, sizeof value) == 0;
}

bool bind_wildcard(const Fd& socket, IpVersion version, Port port) {
    const sockaddr_storage where = to_sockaddr(Address::wildcard(version), port);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

Port port_of(const Fd& socket) {
    sockaddr_storage where{};
    socklen_t size = sizeof where;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&where), &size);
    return to_port(where);
}

}  // namespace

Bind try_bind(Port port, IpVersion version, std::error_code& error) {
    const Fd socket = open_tcp_socket(version);
    if (!socket && errno == EAFNOSUPPORT) {
        return Bind::NoFamily;
    }
    if (!socket) {
        error = last_error();
        return Bind::NotTried;
    }
    set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (version == IpVersion::V6) {
        set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (bind_wildcard(socket, version, port)) {
        return Bind::Free;
    }
    if (errno == EACCES) {
        return Bind::NotAllowed;
    }
    return version == IpVersion::V6 && errno == EADDRNOTAVAIL ? Bind::NoFamily : Bind::Held;
}

Port find_free_port() {
    // An IPv6 wildcard socket claims the number for IPv4, too.
    const Fd both = open_tcp_socket(IpVersion::V6);
    if (both && set_option(both, IPPROTO_IPV6, IPV6_V6ONLY, 0) && bind_wildcard(both, IpVersion::V6, Port{})) {
        return port_of(both);
    }
    const Fd v4 = open_tcp_socket(IpVersion::V4);
    return v4 && bind_wildcard(v4, IpVersion::V4, Port{}) ? port_of(v4) : Port{};
}

}  // namespace vlmshim::os
