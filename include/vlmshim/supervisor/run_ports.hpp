// The ports of a run: their numbers, whether they are free, and which processes hold them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/listener_owner.hpp"
#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/values/server_id.hpp"

namespace vlmshim {

class RunPorts {
public:
    /// All outlive it. `watch` is called for each port of a server that the run uses and has not started.
    RunPorts(const Config& config, const Sockets& sockets, Processes& processes, EndedLog& ended, Log& log,
             std::function<void(Port)> watch);

    /// When the look before the run finds the other ports free, it chooses a number for each "auto". As late as
    /// possible: any process may take it until the server binds it.
    PortsState look(LookTime when);
    /// To be called after the result of the look before the run is handled: one of them may be lost already.
    void watch_reused();
    void end_holders(Signal signal) { guard_.end_holders(signal); }
    void report_holders() const { guard_.report_holders(); }
    /// Why the look before the run did not find them free, and what the user can do.
    std::string why_busy() const;

    const PortNumbers& numbers() const { return numbers_; }
    /// nullopt: it has none.
    std::optional<Port> of(ServerId server) const { return numbers_.of(index_of(server)); }
    /// Another number for a server with port = "auto".
    Port change(ServerId server);
    /// The guarded ones that have to be free after the run.
    std::vector<Port> to_be_free() const;

    /// Another server listens there and is used as it is (busy = "reuse").
    bool is_reused(Port port) const { return guard_.is_reused(port); }
    /// External, or on a reused port.
    bool is_not_ours(ServerId server) const;
    /// The loss of its listener is reported, as of a reused port.
    void watch(Port port) { watch_(port); }
    /// For a server with port = "auto" that has exited before it was ready: whether another process took the port
    /// first. `own`: the processes of the run that are no other server's.
    using OwnProcesses = std::function<std::vector<Pid>()>;
    bool is_lost(ServerId server, const OwnProcesses& own);
    ListenerOwner owner_of(const std::optional<Address>& address, Port port, const OwnProcesses& own);
    /// Those of `processes` that listen on the port of a server.
    std::map<Pid, ServerId> servers_of(const std::vector<Pid>& processes) const;

private:
    void log_free(const char* when) const;

    const Config& config_;
    const Sockets& sockets_;
    const Processes& processes_;
    Log& log_;
    PortNumbers numbers_;
    PortGuard guard_;
    bool none_is_free_ = false;    // no port could be chosen for an "auto"
    std::set<unsigned> own_uids_;  // of processes of the run, now or earlier
    std::function<void(Port)> watch_;
};

}  // namespace vlmshim
