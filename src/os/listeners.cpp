#include "vlmshim/os/listeners.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/os/bind.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/sock_diag.hpp"

namespace vlmshim::os {

namespace {

constexpr unsigned tcp_listen = 10;  // TCP_LISTEN of the kernel's tcp_states.h

template <typename Body>
bool request_dump(int socket, unsigned short type, const Body& body) {
    struct {
        nlmsghdr header;
        Body body;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = type;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body = body;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    return ::sendto(socket, &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) ==
           static_cast<ssize_t>(sizeof request);
}

bool take_dump(int socket, std::vector<Listener>& found) {
    // The kernel fills no more at once unless it was asked for more, netlink_dump(). Each page of it is touched.
    std::array<char, 8 * 1024> buffer;
    for (;;) {
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        switch (take_messages({buffer.data(), static_cast<std::size_t>(got)}, found)) {
            case DumpStep::More:
                break;
            case DumpStep::Done:
                return true;
            case DumpStep::Failed:
                return false;
        }
    }
}

bool dump_family(int socket, int family, std::vector<Listener>& found) {
    inet_diag_req_v2 body{};
    body.sdiag_family = static_cast<__u8>(family);
    body.sdiag_protocol = IPPROTO_TCP;
    body.idiag_states = 1U << tcp_listen;
    return request_dump(socket, SOCK_DIAG_BY_FAMILY, body) && take_dump(socket, found);
}

/// IPv4 and IPv6 in one walk of the kernel through its table, which is nearly all of the cost. Only the older form of
/// the request can do that; the answers to both are alike.
bool dump_both_families(int socket, std::vector<Listener>& found) {
    inet_diag_req body{};
    body.idiag_family = AF_INET;  // ignored by the kernel, inet_diag_dump_compat()
    body.idiag_states = 1U << tcp_listen;
    return request_dump(socket, TCPDIAG_GETSOCK, body) && take_dump(socket, found);
}

/// A kernel without IPv6 refuses its table, and has no listener in it.
bool has_ipv6() {
    const Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return socket || errno != EAFNOSUPPORT;
}

Fd open_sock_diag() {
    return Fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
}

std::optional<std::vector<Listener>> by_netlink() {
    std::vector<Listener> found;
    if (const Fd socket = open_sock_diag(); socket && dump_both_families(socket.get(), found)) {
        return found;
    }
    found.clear();
    const Fd socket = open_sock_diag();  // the first may still hold messages that were not understood
    if (!socket || !dump_family(socket.get(), AF_INET, found)) {
        return std::nullopt;
    }
    if (!dump_family(socket.get(), AF_INET6, found) && has_ipv6()) {
        return std::nullopt;
    }
    return found;
}

std::optional<std::vector<Listener>> by_proc_net() {
    const auto v4 = read_file("/proc/self/net/tcp");
    if (!v4) {
        return std::nullopt;
    }
    std::vector<Listener> found = parse_net_tcp(*v4, IpVersion::V4);
    const auto v6 = parse_net_tcp(read_file("/proc/self/net/tcp6").value_or(""), IpVersion::V6);
    found.insert(found.end(), v6.begin(), v6.end());
    return found;
}

/// In a user namespace all users that it does not map have one number, user_namespaces(7).
void forget_unmapped_users(std::vector<Listener>& listeners) {
    constexpr std::uint32_t overflow_uid = 65'534;
    for (Listener& listener : listeners) {
        if (listener.uid == overflow_uid && !maps_user(read_file("/proc/self/uid_map").value_or(""), overflow_uid)) {
            listener.uid.reset();
        }
    }
}

ListenerTable by_trial_bind(const std::vector<Port>& ports) {
    ListenerTable table;
    table.source = ListenerSource::TrialBind;
    for (const Port port : ports) {
        for (const IpVersion version : {IpVersion::V4, IpVersion::V6}) {
            const Bind bind = try_bind(port, version, table.error);
            if (bind == Bind::Held || bind == Bind::NotAllowed) {  // only what could be bound is known to be free
                Listener listener;
                listener.port = port;
                listener.address = Address::wildcard(version);
                table.listeners.push_back(listener);
            }
        }
    }
    return table;
}

}  // namespace

ListenerTable listeners_on(const std::vector<Port>& ports) {
    ListenerTable table;
    if (ports.empty()) {
        return table;
    }
    auto all = by_netlink();
    if (!all) {
        table.source = ListenerSource::ProcNet;
        all = by_proc_net();
    }
    if (!all) {
        return by_trial_bind(ports);
    }
    std::copy_if(all->begin(), all->end(), std::back_inserter(table.listeners), [&](const Listener& listener) {
        return std::find(ports.begin(), ports.end(), listener.port) != ports.end();
    });
    forget_unmapped_users(table.listeners);
    return table;
}

std::vector<Listener> all_listeners() {
    auto all = by_netlink();
    if (!all) {
        all = by_proc_net();
    }
    return all.value_or(std::vector<Listener>{});
}

std::vector<std::string> unix_sockets_of(const std::vector<Pid>& processes) {
    auto sockets = parse_net_unix(read_file("/proc/self/net/unix").value_or(""));
    std::erase_if(sockets, [](const UnixSocket& socket) { return !socket.listens; });
    std::vector<Listener> by_inode;
    for (const UnixSocket& socket : sockets) {
        by_inode.emplace_back().inode = socket.inode;
    }
    std::vector<std::string> paths;
    for (const Holder& holder : find_holders_among(processes, by_inode).holders) {
        const auto its = std::find_if(sockets.begin(), sockets.end(),
                                      [&](const UnixSocket& socket) { return socket.inode == holder.inode; });
        if (std::find(paths.begin(), paths.end(), its->path) == paths.end()) {
            paths.push_back(its->path);
        }
    }
    return paths;
}

}  // namespace vlmshim::os
