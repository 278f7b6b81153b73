// Whether the listeners on a server's port are the server's own processes.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"

namespace vlmshim {

/// Whose processes listen on a server's port.
struct ListenerOwner {
    enum class Kind {
        None,     // there is no listener
        Ours,     // and no other's
        Foreign,  // another process, perhaps beside ours
        Unknown,  // a process that cannot be seen and may be ours
        NoTable,  // the kernel's list cannot be read
    };
    Kind kind = Kind::Unknown;
    std::string description{};    // Foreign: pid, user, command, and where it listens
    bool is_beside_ours = false;  // Foreign: ours listen, too
    Pid pid{};                    // Ours: of one listener
};

/// The processes that may listen on a server's port.
struct PortOwners {
    std::vector<Pid> pids;
    /// All users that they, or we, were seen with since the run began. A process that cannot be looked into (one that
    /// has dropped its user, without CAP_SYS_PTRACE) may hold a socket that one of these users has made.
    std::set<unsigned> uids;
};

/// Of the listeners on all addresses: a test that connects to "localhost" may reach another process on another address.
/// `address`: where a listener is required; nullopt: anywhere. `own` is called only if there is one.
ListenerOwner owner_of(const Sockets& sockets, const Processes& processes, const std::optional<Address>& address,
                       Port port, const std::function<PortOwners()>& own);

}  // namespace vlmshim
