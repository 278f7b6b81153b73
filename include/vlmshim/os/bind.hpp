// TCP ports asked for by bind(2).
#pragma once

#include <system_error>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

enum class Bind {
    Free,  // it worked, so no socket listens, whatever its options, unless it is bound to a VRF, which has ports of
           // its own (Documentation/networking/vrf)
    Held,  // it failed
    NotAllowed,  // we may not bind it, as ports below 1024, ip(7): whether a socket is bound to it is not known
    NoFamily,    // the system seems not to have this version
    NotTried,    // no socket could be opened: `error` says why
};
/// bind(2) with SO_REUSEADDR on the wildcard address of the version.
Bind try_bind(Port port, IpVersion version, std::error_code& error);

/// A port that no socket uses at the moment, neither in IPv4 nor in IPv6; 0 when there is none.
Port find_free_port();

}  // namespace vlmshim::os
