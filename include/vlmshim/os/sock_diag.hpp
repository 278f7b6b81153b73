// Parsing a sock_diag(7) answer, without the socket.
#pragma once

#include <string_view>
#include <vector>

#include "vlmshim/core/values/listener.hpp"

namespace vlmshim::os {

enum class DumpStep {
    More,    // every message was taken, the dump continues in the next datagram
    Done,    // NLMSG_DONE
    Failed,  // an error of the kernel, or bytes that it never writes: the dump is to be thrown away
};

/// Adds the sockets of one datagram, netlink(7). No byte outside `datagram` is read, whatever lengths
/// its headers claim; it need not be aligned.
DumpStep take_messages(std::string_view datagram, std::vector<Listener>& found);

}  // namespace vlmshim::os
