// An address and a port as the socket calls take them.
#pragma once

#include <sys/socket.h>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

/// A sockaddr_in or sockaddr_in6, ip(7) and ipv6(7).
sockaddr_storage to_sockaddr(const Address& address, Port port);
/// 0: it is neither.
Port to_port(const sockaddr_storage& where);

}  // namespace vlmshim::os
