// The name of a run: an abstract socket that exists as long as a process holds it, unix(7). Like a port it belongs to a
// network namespace, and no other boundary hides it: no missing /proc, no hidepid, no other PID or user namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Closed on exec; a forked child that has not exec'd holds the name, too. It takes no messages.
Fd hold_name(const std::string& name, std::error_code& error);

NameAnswer ask_for_name(const std::string& name);

struct HeldName {
    std::uint64_t inode = 0;  // of the socket
    std::string name;
};
/// All that a run can have, in the network namespace of a process, whoever holds them; proc(5) on /proc/net/unix, where
/// a forged row is possible: the kernel does not escape names. nullopt: cannot be read.
std::optional<std::vector<HeldName>> held_names(Pid pid);

/// The inode of /proc/PID/ns/net, namespaces(7); 0: not known.
std::uint64_t network_namespace_of(Pid pid);

/// SO_NETNS_COOKIE of a socket's network namespace, unique until the next boot, socket(7); 0: the kernel has none.
std::uint64_t network_of(int socket);
/// Of this process' network namespace.
std::uint64_t own_network();

}  // namespace vlmshim::os
