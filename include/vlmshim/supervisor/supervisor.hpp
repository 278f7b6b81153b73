// Wires the run together: loop event -> Event -> Lifecycle -> Action -> one call. Policy lives in
// core/lifecycle; this only does and tells.
#pragma once

#include <spdlog/logger.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/cleanup/tree.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/output_tail.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/link.hpp"
#include "vlmshim/os/pid_namespace.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/wait.hpp"
#include "vlmshim/supervisor/job_control.hpp"
#include "vlmshim/supervisor/readiness.hpp"
#include "vlmshim/supervisor/reused_ports.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"

namespace vlmshim {

class Supervisor {
public:
    /// All outlive the supervisor; `link` leads to the keeper, -1: there is none (PID 1). Throws std::system_error when
    /// the kernel refuses what a run cannot do without; nothing has been started then.
    Supervisor(const Config& config, const os::Inheritance& inheritance, spdlog::logger& log, int link);

    /// The whole run. Returns how this process has to end: nothing is left, or it was said what is.
    ExitStatus run();

private:
    struct Server {
        explicit Server(const ServerConfig& its_config) : config(its_config) {}

        const ServerConfig& config;
        Pid pid;  // of its main process while that lives
        OutputTail tail;
        std::unique_ptr<loop::PipeReader> output;
        std::unique_ptr<Readiness> readiness;
        Pid probe_command;  // an exec probe under way
        bool was_started = false;
        bool was_ready = false;
        int foreign_answers = 0;
        std::string impostor;
    };

    // what comes in
    void feed(const Event& event);
    void on_signals();
    void on_signal(const SignalInfo& info, SignalPath path);
    void follow(const meaning::Nothing&, SignalPath path);
    void follow(const meaning::EndRun&, SignalPath path);
    void follow(const meaning::SameRequest&, SignalPath path);
    void follow(const meaning::EndNow&, SignalPath path);
    void follow(const meaning::PassOn&, SignalPath path);
    void follow(const meaning::WantsTerminal&, SignalPath path);
    void follow(const meaning::StopJob&, SignalPath path);
    JobState job_state() const;
    void on_link();
    void prepare_tree();
    void isolate();
    void release_namespace();
    void reap();
    void recognise(const os::WaitRound& round);
    void test_stopped(Signal signal);
    void typed_stop(SignalPath path);
    bool pause(Signal signal);
    void test_not_stopped();
    void continue_servers();
    void go_on();
    void tell_keeper(const os::ToKeeper& message);
    void reused_port_lost(Port port);
    bool accept_answer(ServerId id, const ReadyAnswer& answer);

    // what goes out
    void carry_out(const action::LookAtPorts&);
    void carry_out(const action::EndHolders&);
    void carry_out(const action::StartServer&);
    void carry_out(const action::ChangePort&);
    void carry_out(const action::StopProbes&);
    void carry_out(const action::StartTest&);
    void carry_out(const action::Serve&);
    void carry_out(const action::SignalTest&);
    void carry_out(const action::SignalGroup&);
    void carry_out(const action::AskServer&);
    void carry_out(const action::AskServerTree&);
    void carry_out(const action::AskLeftovers&);
    void carry_out(const action::KillServer&);
    void carry_out(const action::KillLeftovers&);
    void carry_out(const action::KillEverything&);
    void carry_out(const action::StartTimer&);
    void carry_out(const action::StopTimer&);
    void carry_out(const action::StopAllTimers&);
    void carry_out(const action::JudgeSurvivors&);
    void carry_out(const action::ReportSurvivors&);
    void carry_out(const action::ReportHolders&);
    void carry_out(const action::Finish&);

    bool choose_free_ports();
    void remember_chosen_ports();
    bool has_auto_port(ServerId id) const { return given_.servers[static_cast<std::size_t>(id)].port == auto_port; }
    bool port_is_lost(ServerId id);
    void prepare_probe(ServerId id);
    std::variant<Pid, os::SpawnError> spawn_server(Server& server);
    bool run_probe_command(ServerId id, const std::vector<std::string>& command);
    os::SpawnRequest request_for(const ServerConfig& server, std::vector<std::string> command,
                                 const os::Fd& null) const;
    std::map<std::string, std::string> run_variables() const;
    std::vector<Pid> living_servers(const Server* except = nullptr) const;
    Server& at(ServerId id) { return servers_[static_cast<std::size_t>(id)]; }

    // what is said (supervisor_talk.cpp)
    void tell(const event::ServerExited& event);
    void tell(const event::TestExited& event);
    void tell_signal(const SignalInfo& info, const SignalMeaning& meaning);
    void tell_ready(const Server& server);
    void tell_serving();
    void tell_reused_port_lost(Port port);
    std::vector<std::string> describe_leftovers(const std::vector<os::ProcessIdentity>& leftovers) const;
    void tell_leftovers(const std::vector<std::string>& lines);
    void wait_visibly();
    void tell_still_waiting();
    void stop_waiting();
    bool live_line_is_seen() const;
    void tell_ended();
    void tell_outcome();
    void show_tail(const Server& server);

    const Config& given_;
    Config config_;  // with numbers for port = "auto"
    const os::Inheritance& inheritance_;
    spdlog::logger& log_;
    int link_;
    JobControl job_;
    std::string run_id_;
    RunRecorder recorder_;
    os::Fd signal_descriptor_;
    os::PidNamespace namespace_;
    loop::Loop loop_;
    Lifecycle lifecycle_;
    SignalIntake intake_;
    PortGuard guard_;
    ReusedPorts reused_ports_;
    Tree tree_;
    std::vector<Server> servers_;
    std::vector<std::unique_ptr<Readiness>> retired_probes_;
    std::map<std::pair<Timer, ServerId>, loop::Timer> timers_;
    std::unique_ptr<loop::ReadableWatcher> signals_;
    std::unique_ptr<loop::ReadableWatcher> keeper_;
    loop::Timer reap_again_;
    std::unique_ptr<loop::Timer> waiting_;
    Millis waiting_told_{0};
    loop::Timer after_typed_stop_;
    std::deque<Event> events_;
    bool handling_ = false;
    bool tree_empty_ = true;
    bool leftovers_looked_for_ = false;
    bool paused_ = false;
    Pid test_;
    Millis test_started_{0};
    Millis drain_started_{0};
};

}  // namespace vlmshim
