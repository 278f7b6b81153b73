#include "vlmshim/os/run_name.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/last_error.hpp"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71  // asm-generic/socket.h, Linux 5.14
#endif

namespace vlmshim::os {

namespace {

struct AbstractAddress {
    sockaddr_un address{};
    socklen_t size = 0;

    explicit AbstractAddress(const std::string& name) {
        address.sun_family = AF_UNIX;
        const std::size_t length = std::min(name.size(), sizeof address.sun_path - 1);
        std::copy_n(name.data(), length, address.sun_path + 1);  // after a NUL
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
    }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Fd open_socket() {
    return Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

}  // namespace

Fd hold_name(const std::string& name, std::error_code& error) {
    const AbstractAddress address(name);
    Fd socket = open_socket();
    if (!socket || ::bind(socket.get(), address.get(), address.size) != 0) {
        error = last_error();
        return {};
    }
    ::shutdown(socket.get(), SHUT_RD);  // send(2) to it fails, connect(2) does not
    error.clear();
    return socket;
}

NameAnswer ask_for_name(const std::string& name) {
    const AbstractAddress address(name);
    const Fd socket = open_socket();
    if (!socket) {
        return NameAnswer::Unclear;
    }
    if (::connect(socket.get(), address.get(), address.size) == 0 || errno == EAGAIN) {
        return NameAnswer::Held;
    }
    return errno == ECONNREFUSED ? NameAnswer::Nobody : NameAnswer::Unclear;
}

std::optional<std::vector<HeldName>> held_names(Pid pid) {
    const std::string path = proc_path(pid, "net/unix");
    const auto text = read_file(path.c_str());
    if (!text) {
        return std::nullopt;
    }
    std::vector<HeldName> names;
    for (const UnixSocket& socket : parse_net_unix(*text)) {
        if (socket.path.starts_with('@') && is_run_name(socket.path.substr(1))) {
            names.push_back({socket.inode, socket.path.substr(1)});
        }
    }
    return names;
}

std::uint64_t network_namespace_of(Pid pid) {
    struct stat info {};
    const std::string path = proc_path(pid, "ns/net");
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

std::uint64_t network_of(int socket) {
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    return ::getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

std::uint64_t own_network() {
    const Fd socket = open_socket();
    return socket ? network_of(socket.get()) : 0;
}

}  // namespace vlmshim::os
