// The name of a run: an abstract socket that exists as long as a process holds it, unix(7). Like a port it belongs to a
// network namespace, and no other boundary hides it: no missing /proc, no hidepid, no other PID or user namespace.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Closed on exec; a forked child that has not exec'd holds the name, too. It takes no messages.
Fd hold_name(const std::string& name, std::error_code& error);

NameAnswer ask_for_name(const std::string& name);

/// SO_NETNS_COOKIE of a socket's network namespace, unique until the next boot, socket(7); 0: the kernel has none.
std::uint64_t network_of(int socket);
/// Of this process' network namespace.
std::uint64_t own_network();

}  // namespace vlmshim::os
