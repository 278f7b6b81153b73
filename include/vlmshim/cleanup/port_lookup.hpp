// Who listens on ports, with everything that can be said about it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"

namespace vlmshim {

/// By port, address and pid. One question to the kernel, and one pass over /proc if somebody listens.
std::vector<PortHolder> look_up(const Sockets& sockets, const Processes& processes, const std::vector<Port>& ports);

/// Of a socket whose process is not visible. `refused`: processes that could not be looked into.
HiddenFacts hidden_facts(const Listener& listener, os::ListenerSource source, std::size_t refused);
/// A docker-proxy that forwards this port runs. It is root's: its socket need not be visible, its arguments are.
bool is_published_by_docker(const Processes& processes, Port port);

/// For people: who holds a socket whose process is not visible.
std::string describe_hidden(const Listener& listener);

/// The processes that were found to have a socket. Somebody may listen at tens of thousands of addresses.
class HoldersBySocket {
public:
    explicit HoldersBySocket(const os::HolderSearch& search);
    std::vector<ProcessIdentity> of(const Listener& listener) const;

private:
    std::multimap<std::uint64_t, ProcessIdentity> holders_;
};

/// What the policy needs to know, but for passed_on. `spare` holds short names that are never ended for a port.
HolderFacts facts_of(const Processes& processes, Pid pid, const RunOfProcess& run,
                     const std::vector<std::string>& spare);

/// Who listens on a server's port.
struct ListenerOwner {
    enum class Kind {
        Nobody,
        Ours,     // and nobody else
        Foreign,  // somebody else, perhaps beside ours
        Unknown,  // somebody who may be ours cannot be seen
        NoTable,  // the kernel's list cannot be read
    };
    Kind kind = Kind::Unknown;
    std::string who{};            // Foreign: pid, user, command, and where it listens
    bool is_beside_ours = false;  // Foreign: ours listens, too
    Pid pid{};                    // Ours: one of those that do
};

/// The processes that may listen on a server's port.
struct PortOwners {
    std::vector<Pid> pids;
    /// The users that they have been of, ourselves included, whenever it was looked for since the run began. One that
    /// cannot be looked into (without CAP_SYS_PTRACE a process that has dropped its user) may be the owner of a socket
    /// that one of these has made.
    std::set<unsigned> uids;
};

/// Of all addresses: a stranger on another one than that which has answered is one port with ours to a test that says
/// "localhost". `address`: somebody has to listen there; nullopt: anywhere. `own` is asked only where somebody does.
ListenerOwner owner_of(const Sockets& sockets, const Processes& processes, const std::optional<Address>& address,
                       Port port, const std::function<PortOwners()>& own);

/// Nobody listens, and yet a bind fails: connections in TIME_WAIT of a server that set only SO_REUSEPORT, or a client
/// that was given the port's number.
std::string say_bind_fails(Port port);

}  // namespace vlmshim
