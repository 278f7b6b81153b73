// The name of a run: an abstract socket that exists as long as a process holds it, unix(7). It has the scope of the
// network namespace, as ports have, and is seen through every other boundary: no /proc, hidepid, other PID and user
// namespaces.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Closed on exec; who is forked without one holds the name, too. Nobody can leave a message in it.
Fd hold_name(const std::string& name, std::error_code& error);

NameAnswer ask_for_name(const std::string& name);

/// SO_NETNS_COOKIE of a socket's network namespace, which no other one gets before the next boot, socket(7); 0: the
/// kernel knows none.
std::uint64_t network_of(int socket);
/// Of this process' network namespace.
std::uint64_t own_network();

}  // namespace vlmshim::os
