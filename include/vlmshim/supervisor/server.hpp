// One server of the run: its main process, its output, its probe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/supervisor/job_control.hpp"
#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/listener_watch.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/probe_process.hpp"
#include "vlmshim/supervisor/readiness.hpp"
#include "vlmshim/supervisor/ready_hints.hpp"
#include "vlmshim/supervisor/run_ports.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"
#include "vlmshim/supervisor/run_timers.hpp"
#include "vlmshim/supervisor/server_output.hpp"

namespace vlmshim {

/// What the servers of a run share. All outlive them.
struct ServerSurroundings {
    const Config& config;
    loop::Loop& loop;
    Launcher& launcher;
    RunPorts& ports;
    Family& family;
    const Sockets& sockets;
    Processes& processes;
    Narrator& narrator;
    RunRecorder& recorder;
    const JobControl& job;
    Log& log;
    PushEvent report;
};

class Server {
public:
    Server(ServerId id, const ServerSurroundings& around);

    /// Starts it and its probe; only the probe where somebody else's server is used.
    void start();
    /// Another port, since somebody else has taken its own. Nothing of it runs.
    void change_port();
    /// From now on it is told when nobody of it listens on its port any more.
    void watch_listener();
    void tell_listener_lost() const;
    /// And of its listener.
    void stop_probe();
    void pause_probe();
    void resume_probe();

    /// Its main process while that lives, then what it has left in the background: what that has below it is not told.
    std::vector<Pid> processes() const;
    bool lives() const { return pid_.value != 0 || !background_.empty(); }
    OwningServer as_owner() const { return {id_, config().name, pid_, config().stop_signal}; }
    /// Whether this one, just reaped, was one of these; that is reported then.
    void recognise(Pid reaped, ExitStatus status);
    /// Where nobody tells us when a process in the background ends.
    void look_into_background();
    /// Or the command of its probe.
    void recognise_probe(Pid reaped, ExitStatus status);
    bool has_processes() const { return lives() || probe_process_.runs(); }

    const ServerConfig& config() const { return around_.config.servers[index_of(id_)]; }
    /// The run is over: what it, or what is left of it, has written is taken.
    void finish_output() { output_.finish(); }
    /// What its probe was told, and what it wrote.
    void record() const;
    /// For people: why it is not ready, what it wrote.
    ServerView view() const;

private:
    void ended(ExitStatus status);
    void listener_lost(std::optional<ProcessIdentity> last);
    void prepare_probe();
    ReadyHooks ready_hooks();
    std::string look_for_hint();
    /// All that live, its main process among them.
    std::vector<Pid> all_processes() const;
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
    std::vector<std::unique_ptr<Readiness>> retired_probes_;  // a change of port may come out of a probe's callback
    ReadyHints hints_;
    std::unique_ptr<ListenerWatch> listener_;
    Pid listened_;               // when it was ready; 0: nobody, as far as is known
    std::string last_listener_;  // "pid 4711 (node server.js)"
    bool was_started_ = false;
    bool was_ready_ = false;
};

}  // namespace vlmshim
