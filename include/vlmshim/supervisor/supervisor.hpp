// The run: owns its parts, carries events to the lifecycle and actions to the parts. The policy is in core/lifecycle.
#pragma once

#include <string>

#include "vlmshim/cleanup/run_setup.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/supervisor/events.hpp"
#include "vlmshim/supervisor/inbox.hpp"
#include "vlmshim/supervisor/job_control.hpp"
#include "vlmshim/supervisor/keeper_link.hpp"
#include "vlmshim/supervisor/late_lines.hpp"
#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/pausing.hpp"
#include "vlmshim/supervisor/report_wait.hpp"
#include "vlmshim/supervisor/reused_ports.hpp"
#include "vlmshim/supervisor/run_ports.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"
#include "vlmshim/supervisor/run_scope.hpp"
#include "vlmshim/supervisor/run_timers.hpp"
#include "vlmshim/supervisor/servers.hpp"
#include "vlmshim/supervisor/teardown.hpp"
#include "vlmshim/supervisor/test_process.hpp"

namespace vlmshim {

/// What the supervisor is built on. All of it outlives the run.
struct RunBasis {
    const RunSetup& setup;
    const Sockets& sockets;
    Processes& processes;
    JobControl& job;
    RunScope& scope;
    std::string run;                  // its VLMSHIM_RUN
    int link;                         // to the keeper, borrowed; -1: there is none (PID 1)
    const os::ArgumentMemory& title;  // where its phase is shown
};

class Supervisor {
public:
    /// Throws std::system_error when the kernel refuses what a run needs; nothing has been started then.
    explicit Supervisor(const RunBasis& basis);

    /// The whole run. Returns how this process has to end. Nothing of the run is left then, or it was logged what is.
    ExitStatus run();

private:
    // what comes in
    void handle(const Event& event);
    void show_phase() const;
    void signal_arrived(const ArrivedSignal& arrived, const SignalMeaning& meaning);
    void follow(const ArrivedSignal& arrived, const SignalMeaning& meaning);
    void end_requested(const Event& event);
    void keeper_lost();
    /// Of the report, once only that is waited for.
    void give_up_reader();
    void reused_port_lost(Port port);
    void reap();
    void recognise(const os::WaitRound& round);

    // what goes out
    void carry_out(const Action& action);
    void look_at_ports(LookTime when);
    void kill_server(const action::KillServer& kill);
    void start_test();
    void serve();
    void kill_test();
    Narrator::Place place();
    Ending ending();
    void finish(const Outcome& outcome);
    void write_rest();

    // what the parts need of each other
    PushEvent report();
    Teardown::Hooks for_teardown();
    Ownership::Hooks for_ownership();
    ServerSurroundings for_servers(const RunBasis& basis);
    KeeperLink::Hooks for_link();
    Pausing::Hooks for_pausing();
    Inbox::Hooks for_inbox();

    const os::ArgumentMemory& title_;
    Writer& writer_;
    loop::Loop loop_;
    LateLines late_lines_;
    ReportWait report_wait_;
    RunRecorder recorder_;
    Narrator narrator_;
    Lifecycle lifecycle_;
    Events events_;
    Teardown teardown_;
    ReusedPorts reused_ports_;
    RunPorts ports_;
    Launcher launcher_;
    Servers servers_;
    TestProcess test_;
    RunTimers timers_;
    KeeperLink link_;
    Pausing pausing_;
    Inbox inbox_;
    WaitingLine ending_line_;
};

/// Makes the rest of a RunBasis, and runs it: first thing in the supervisor's process. `link` as in RunBasis. Throws as
/// Supervisor does.
ExitStatus supervise(const RunSetup& setup, int link);

}  // namespace vlmshim
