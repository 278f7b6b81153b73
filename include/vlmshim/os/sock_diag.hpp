// The bytes of a sock_diag(7) answer, apart from the socket they come through.
#pragma once

#include <string_view>
#include <vector>

#include "vlmshim/core/values/listener.hpp"

namespace vlmshim::os {

enum class DumpStep {
    More,    // every message was taken, the dump goes on in the next datagram
    Done,    // NLMSG_DONE
    Failed,  // an error of the kernel's, or nothing that it writes: the dump is worth nothing
};

/// Adds the sockets of one datagram, netlink(7). No byte outside `datagram` is read, whatever lengths
/// its headers claim; it need not be aligned.
DumpStep take_messages(std::string_view datagram, std::vector<Listener>& found);

}  // namespace vlmshim::os
