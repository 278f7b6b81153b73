// Which of the run's processes are a server's: below its main process, or known by a mark that they carry.
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

/// A server, as its processes are known by it.
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
        /// Those of `processes` that listen on the port of a server.
        std::function<std::map<Pid, ServerId>(const std::vector<Pid>& processes)> by_port{};
    };

    /// `processes` outlives it. Without hooks there are no servers.
    Ownership(const Processes& processes, Hooks hooks) : processes_(processes), hooks_(std::move(hooks)) {}

    struct Owned {
        Descendant process;
        std::optional<ServerId> server;
    };
    /// `members` of the run, parents before their children. What belonged to a server once does so to its end, when
    /// it has become an orphan, too. An orphan that was never seen before says in its environment whose it is
    /// (VLMSHIM_SERVER, and this run's VLMSHIM_RUN); where that was wiped, as setproctitle(3) does, its port says it.
    std::vector<Owned> assign(const std::vector<Descendant>& members);

    /// From now on the orphans among `members` of which nothing is known are this server's.
    void adopt_unknown(ServerId server, const std::vector<Descendant>& members);

    /// As assign() has last found it; nullopt: it belongs to none, or was never seen.
    std::optional<ServerId> server_of(const ProcessIdentity& process) const;
    /// The stop signal of that server; SIGTERM for all others.
    Signal stop_signal_of(const ProcessIdentity& process) const;

private:
    enum class Mark { Server, NoServer, Unknown };
    struct Orphans {
        std::unordered_map<int, ServerId> of_server;
        std::vector<Pid> unknown;
    };
    Orphans look_at_orphans(const std::vector<Descendant>& members, const std::vector<OwningServer>& servers);
    Mark mark_of(Pid pid, const std::vector<OwningServer>& servers, ServerId& server) const;

    const Processes& processes_;
    Hooks hooks_;
    std::map<ProcessIdentity, std::optional<ServerId>> known_;  // nullopt: it is no server's
};

}  // namespace vlmshim
