// Who listens on ports, with everything that can be said about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"

namespace vlmshim {

/// By port, address and pid. One question to the kernel, and one pass over /proc if somebody listens.
std::vector<PortHolder> look_up(const Sockets& sockets, const Processes& processes, const std::vector<Port>& ports);

/// What the policy needs to know. `spare` holds short names that are never ended for a port.
HolderFacts facts_of(const Processes& processes, Pid pid, const RunOfProcess& run,
                     const std::vector<std::string>& spare);

/// Whose socket would answer a connection to an address.
struct ListenerOwner {
    enum class Kind { Ours, Foreign, Unknown };
    Kind kind = Kind::Unknown;
    std::string who;  // Foreign: pid, user, command
};

/// For a readiness answer that came from `address` (nullopt: any) and `port`. Ours: every
/// socket that could have answered belongs to one of `own`.
ListenerOwner owner_of(const Sockets& sockets, const Processes& processes, const std::optional<Address>& address,
                       Port port, const std::vector<Pid>& own);

/// Nobody listens, and yet a bind fails: connections in TIME_WAIT of a server that set only SO_REUSEPORT, or a client
/// that was given the port's number.
std::string say_bind_fails(Port port);

}  // namespace vlmshim
