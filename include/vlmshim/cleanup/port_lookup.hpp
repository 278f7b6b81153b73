// Looks up which processes listen on ports.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"

namespace vlmshim {

/// Sorted by port, address and pid. One query to the kernel, and one pass over /proc if there are listeners.
std::vector<PortHolder> look_up(const Sockets& sockets, const Processes& processes, const std::vector<Port>& ports);

/// About a socket whose process is not visible. `refused`: number of processes that could not be looked into.
HiddenFacts hidden_facts(const Listener& listener, os::ListenerSource source, std::size_t refused);
/// Whether a docker-proxy runs that forwards this port. It is root's: its socket may not be visible, its arguments are.
bool is_published_by_docker(const Processes& processes, Port port);

/// For messages: the unknown holder of a socket.
std::string describe_hidden(const Listener& listener);

/// The result of a search, by socket: a process may listen at tens of thousands of addresses.
class HoldersBySocket {
public:
    explicit HoldersBySocket(const os::HolderSearch& search);
    std::vector<ProcessIdentity> of(const Listener& listener) const;

private:
    std::multimap<std::uint64_t, ProcessIdentity> holders_;
};

/// What the policy needs to know, without passed_on. `spare`: the short names of processes never ended for a port.
HolderFacts facts_of(const Processes& processes, Pid pid, const RunOfProcess& run,
                     const std::vector<std::string>& spare);

/// The message for a bind that fails though no process listens: because of connections in TIME_WAIT of a server that
/// set only SO_REUSEPORT, or of a client that was given the port's number.
std::string bind_fails_message(Port port);

}  // namespace vlmshim
