// Which of the run's processes are a server's: those below its main process, and those that carry its mark.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/values/server_id.hpp"

namespace vlmshim {

/// What the processes of a server are recognised by.
struct OwningServer {
    ServerId id;
    std::string name;  // in their VLMSHIM_SERVER
    Pid main;          // 0: its main process has ended, or was not started
    Signal stop_signal;
};

class Ownership {
public:
    struct Hooks {
        std::function<std::vector<OwningServer>()> servers{};
        /// Which of `processes` listen on the port of a server.
        std::function<std::map<Pid, ServerId>(const std::vector<Pid>& processes)> by_port{};
    };

    /// `processes` outlives it. Without hooks there are no servers.
    Ownership(const Processes& processes, Hooks hooks) : processes_(processes), hooks_(std::move(hooks)) {}

    struct Owned {
        Descendant process;
        std::optional<ServerId> server;
    };
    /// `members` of the run, parents before their children. A process that belonged to a server once belongs to it to
    /// its end, also as an orphan. An orphan that was never seen before is assigned by its environment (VLMSHIM_SERVER,
    /// and this run's VLMSHIM_RUN), or by its port where that was wiped, as setproctitle(3) does.
    std::vector<Owned> assign(const std::vector<Descendant>& members);

    /// The orphans of unknown origin among `members` are this server's from now on.
    void adopt_unknown(ServerId server, const std::vector<Descendant>& members);

    /// By the last assign(); nullopt: it belongs to none, or was never seen.
    std::optional<ServerId> server_of(const ProcessIdentity& process) const;
    /// Of its server; empty: as server_of().
    std::string server_name_of(const ProcessIdentity& process) const;
    /// Of its server; SIGTERM if it has none.
    Signal stop_signal_of(const ProcessIdentity& process) const;

private:
    struct Mark {
        enum class Kind { OfServer, OfNoServer, Unknown };
        Kind kind = Kind::Unknown;
        ServerId server{};  // OfServer
    };
    struct Orphans {
        std::unordered_map<int, ServerId> of_server;
        std::vector<Pid> unknown;
    };
    Orphans classify_orphans(const std::vector<Descendant>& members, const std::vector<OwningServer>& servers);
    Mark mark_of(Pid pid, const std::vector<OwningServer>& servers) const;
    std::vector<OwningServer> all_servers() const;

    const Processes& processes_;
    Hooks hooks_;
    std::map<ProcessIdentity, std::optional<ServerId>> known_;  // nullopt: it belongs to no server
};

}  // namespace vlmshim
