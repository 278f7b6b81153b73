// Who listens on a TCP port.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/listener.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

enum class ListenerSource {
    Netlink,    // sock_diag(7)
    ProcNet,    // /proc/net/tcp and tcp6
    TrialBind,  // neither could be read: a bind says held or not, but not by whom
};

struct ListenerTable {
    std::vector<Listener> listeners;
    ListenerSource source = ListenerSource::Netlink;
    std::error_code error;  // set: not even a bind could be tried (no descriptors left)
};

/// Listening sockets on these ports, IPv4 and IPv6, any address. Connections from or to the port
/// numbers are never among them. Ports are of our network namespace.
ListenerTable listeners_on(const std::vector<Port>& ports);

/// On any port; empty where the kernel's list cannot be read.
std::vector<Listener> all_listeners();

/// The paths of Unix sockets that one of these processes listens on, abstract ones with an '@' in front; proc(5) on
/// /proc/net/unix.
std::vector<std::string> unix_sockets_of(const std::vector<Pid>& processes);

struct Holder {
    ProcessIdentity process;
    std::uint64_t inode = 0;  // of the socket that it holds
};

struct HolderSearch {
    std::vector<Holder> holders;
    std::size_t refused = 0;  // processes that we may not look into
};

/// Every process that we can see with one of these sockets open (/proc/PID/fd), once per socket.
/// One pass over all of /proc: to be asked only when somebody does listen. Not seen: other users'
/// processes, unless we are root.
HolderSearch find_holders(const std::vector<Listener>& listeners);

/// The same among these processes only.
HolderSearch find_holders_among(const std::vector<Pid>& processes, const std::vector<Listener>& listeners);

}  // namespace vlmshim::os
