// One server of the run: its processes, its output, its probe, its listener.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/supervisor/probe_process.hpp"
#include "vlmshim/supervisor/readiness.hpp"
#include "vlmshim/supervisor/ready_hints.hpp"
#include "vlmshim/supervisor/server_listener.hpp"
#include "vlmshim/supervisor/server_output.hpp"
#include "vlmshim/supervisor/server_surroundings.hpp"

namespace vlmshim {

class Server {
public:
    Server(ServerId id, const ServerSurroundings& around);

    /// Starts it and its probe; of a server that is not ours, only the probe.
    void start();
    /// Another process has taken its port: it gets another one. No process of it lives.
    void change_port();
    /// From now on ListenerLost is reported when no process of it listens on its port any more.
    void watch_listener();
    void log_listener_lost() const { listener_.log_lost(); }
    /// Also stops the watch of its listener.
    void stop_probe();
    void pause_probe();
    void resume_probe();

    /// Its main process while that lives, else the topmost of those that it has left in the background.
    std::vector<Pid> processes() const;
    bool lives() const { return pid_.value != 0 || !background_.empty(); }
    OwningServer as_owner() const { return {id_, config().name, pid_, config().stop_signal}; }
    /// Reports ServerExited if the reaped process was one of these.
    void recognise(Pid reaped, ExitStatus status);
    /// The same for the command of its probe, which takes the answer.
    void recognise_probe(Pid reaped, ExitStatus status);
    /// Looks whether its processes in the background have ended: needed where no SIGCHLD reports that.
    void check_background();
    bool has_processes() const { return lives() || probe_process_.runs(); }

    const ServerConfig& config() const { return around_.config.servers[index_of(id_)]; }
    /// At the end of the run: takes what it has written up to now.
    void finish_output() { output_.finish(); }
    /// The answers to its probe, and its output: for the report.
    void record() const;
    /// For messages.
    ServerView view() const;

private:
    void ended(ExitStatus status);
    void prepare_probe();
    ReadyHooks ready_hooks();
    std::string look_for_hint();
    std::optional<RunReport::Listening> listening();
    ListenerOwner owner_of(const std::optional<Address>& address, Port port);
    std::optional<Port> port() const { return around_.ports.of(id_); }

    ServerId id_;
    const ServerSurroundings& around_;
    Pid pid_;
    std::vector<Pid> background_;  // while its main process does not live
    ProbeProcess probe_process_;
    std::optional<ExitStatus> end_;
    ServerOutput output_;
    std::unique_ptr<Readiness> readiness_;
    std::vector<std::unique_ptr<Readiness>> retired_probes_;  // kept: a probe's callback may have changed the port
    ReadyHints hints_;
    ServerListener listener_;
    bool was_started_ = false;
    bool was_ready_ = false;
};

}  // namespace vlmshim
