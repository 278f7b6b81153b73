// Listening sockets, and the processes that hold them.
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
    TrialBind,  // neither could be read: bind(2) tells whether a port is held, but not by which process
};

struct ListenerTable {
    std::vector<Listener> listeners;
    ListenerSource source = ListenerSource::Netlink;
    std::error_code error;  // set: a bind could not be tried either (os::Bind::NotTried)
};

/// Listening sockets on these ports of our network namespace, IPv4 and IPv6, any address. Never connections from or to
/// these port numbers.
ListenerTable listeners_on(const std::vector<Port>& ports);

/// The same on any port; empty where neither Netlink nor ProcNet can be read.
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

/// Every process that has one of these sockets open, once per socket, proc(5) on /proc/PID/fd. Other users' processes
/// are seen by root only. Reads all of /proc: to be called only where there is a listener.
HolderSearch find_holders(const std::vector<Listener>& listeners);

/// The same among these processes only.
HolderSearch find_holders_among(const std::vector<Pid>& processes, const std::vector<Listener>& listeners);

}  // namespace vlmshim::os
