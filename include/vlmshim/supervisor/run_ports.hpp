// The ports of a run: which numbers they have, whether they are free, who holds them.
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
    /// All outlive it. `watch` is called for each port of somebody else's server that the run uses.
    RunPorts(const Config& config, const Sockets& sockets, Processes& processes, EndedLog& ended, Log& log,
             std::function<void(Port)> watch);

    /// A number for each "auto" is chosen when the look before the run finds the others free: as late as can be, since
    /// until the server binds its number, anybody may take it.
    PortsState look(LookTime when);
    /// To be called when the look before the run was dealt with: one of them may be gone already.
    void watch_reused();
    void end_holders(Signal signal) { guard_.end_holders(signal); }
    void report_holders() const { guard_.report_holders(); }
    /// Why the look before the run did not find them free, and what can be done about it.
    std::string why_busy() const;

    const PortNumbers& numbers() const { return numbers_; }
    /// nullopt: it has none.
    std::optional<Port> of(ServerId server) const { return numbers_.of(index_of(server)); }
    /// Another number for a server with port = "auto".
    Port change(ServerId server);
    /// The guarded ones that have to be free after the run.
    std::vector<Port> to_be_free() const;

    /// Somebody else's server is used as it is (busy = "reuse").
    bool is_reused(Port port) const { return guard_.is_reused(port); }
    bool is_somebody_elses(ServerId server) const;
    /// When nobody listens there any more it is told, as for a port that is reused.
    void watch(Port port) { watch_(port); }
    /// Asked when a server with port = "auto" has exited before it was ready: nobody of ours listens any more, so
    /// whoever does was faster. `own`: the processes of the run that are no other server's.
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
    bool none_is_free_ = false;    // that could be chosen for an "auto"
    std::set<unsigned> own_uids_;  // that processes of the run have been of
    std::function<void(Port)> watch_;
};

}  // namespace vlmshim
