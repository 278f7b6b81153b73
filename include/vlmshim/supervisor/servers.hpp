// All servers of a run.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "vlmshim/supervisor/server.hpp"
#include "vlmshim/supervisor/waiting_line.hpp"

namespace vlmshim {

class Servers {
public:
    explicit Servers(ServerSurroundings around);
    Servers(const Servers&) = delete;
    Servers& operator=(const Servers&) = delete;

    Server& at(ServerId server) { return servers_[index_of(server)]; }
    void start(ServerId server);
    void recognise(Pid reaped, ExitStatus status);
    void recognise_probe(Pid reaped, ExitStatus status);
    void check_background();
    std::vector<ServerId> living() const;
    std::vector<Pid> processes() const;
    std::vector<OwningServer> as_owners() const;
    bool have_processes() const;
    /// The server that has this port, if it is the port of one.
    std::optional<ServerId> with_port(Port port) const;
    void watch_listeners();
    void pause_probes();
    void resume_probes();
    void stop_probes();
    void stop_waiting() { waiting_.stop(); }
    std::vector<ServerView> views() const;
    void finish_output();
    void record() const;

private:
    WaitingText unready() const;

    ServerSurroundings around_;
    std::deque<Server> servers_;  // whose callbacks keep their addresses
    WaitingLine waiting_;
};

}  // namespace vlmshim
