// The events that the lifecycle gets, and the actions that it answers with: the two sides of its table.
#pragma once

#include <optional>
#include <variant>

#include "vlmshim/core/lifecycle/outcome.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class Timer {
    ReadyTimeout,   // per server
    TestTimeout,    // [test] timeout
    TestGrace,      // from its stop signal to SIGKILL
    TestHint,       // then the user reads what is waited for
    TestGiveUp,     // after SIGKILL to the test
    SameRequest,    // after a server's death: until then a signal that ends the run may be its cause
    HalfGrace,      // per server
    ServerGrace,    // per server, from its stop signal to SIGKILL
    LeftoverGrace,  // the same for all other processes
    DrainLimit,     // of the phase
    PortPoll,       // until the next look at the ports
    HolderGrace,    // from SIGTERM to SIGKILL to the holders of the ports
    HolderGiveUp,
};

/// What a signal that stops the job has to take into account.
enum class JobState {
    Waiting,  // no test yet, or none at all, or the run is over and only its report waits for a reader
    Testing,
    Ending,
};

/// What a look at the guarded ports found.
enum class PortsState {
    Free,      // or held only by processes that are no obstacle
    Endable,   // held by processes that we may end
    Settling,  // no holder is visible, perhaps because it is just ending: look again
    Held,      // by a process that we must not, or cannot, end
};

/// Whether a stopped process is continued after the signal, so that it can act on it.
enum class Wake { No, Yes };

namespace event {
struct Started {};
struct PortsLooked {
    PortsState state;
};
struct ServerNotSpawned {
    ServerId server;
};
struct ServerReused {  // nothing was started: busy = "reuse", and another process listens on its port
    ServerId server;
};
struct ReusedPortLost {  // no process listens any more on a port that was reused
    Port port;
    std::optional<ServerId> server;  // nullopt: it is no server's port
};
struct ServerReady {
    ServerId server;
};
struct ServerImpersonated {  // another process answers the probe
    ServerId server;
};
/// Of a port that was chosen for a server (port = "auto"). Lost: another process took it first.
enum class ItsPort { Kept, Lost };
/// What is left of a server whose main process has ended.
enum class StillThere { Nothing, Processes };
struct ServerExited {  // its main process; then, when that has left others, the last of these
    ServerId server;
    ExitStatus status;
    ItsPort port = ItsPort::Kept;
    StillThere left = StillThere::Nothing;
};
struct ListenerLost {  // none of its processes listens on its port any more, though some are alive
    ServerId server;
};
struct TestNotSpawned {
    ExitStatus status;  // of the run: 125, 126 or 127
};
struct TestExited {
    ExitStatus status;
};
struct LeftoversFound {};  // the test has ended, and processes that it started are left
/// The sender of a request. Run: one of its processes; looked up only if Lifecycle::awaits_cause().
enum class From { Outside, Run };
struct EndRequested {  // meaning::EndRun
    Signal signal;
    std::optional<Signal> pass_on;
    Reach reach;
    Pid sender{};
    From from = From::Outside;
};
struct RequestRepeated {  // meaning::SameRequest
    std::optional<Signal> pass_on;
    Reach reach;
    Pid sender{};
};
struct EndDemanded {};  // meaning::EndNow
struct SignalPassed {   // meaning::PassOn
    Signal signal;
    Pid sender;
};
struct KeeperLost {};     // the process that our caller waits for was killed
struct TreeEmpty {};      // ECHILD of waitid(2): the proof that no descendant is left
struct KillingGaveUp {};  // the processes that are left cannot be killed
struct TimerFired {
    Timer timer;
    ServerId server{};
};
}  // namespace event

using Event = std::variant<event::Started, event::PortsLooked, event::ServerNotSpawned, event::ServerReused,
                           event::ReusedPortLost, event::ListenerLost, event::ServerReady, event::ServerImpersonated,
                           event::ServerExited, event::TestNotSpawned, event::TestExited, event::LeftoversFound,
                           event::EndRequested, event::RequestRepeated, event::EndDemanded, event::SignalPassed,
                           event::KeeperLost, event::TreeEmpty, event::KillingGaveUp, event::TimerFired>;

/// Before the run: a listener is in the way. After it: one was started by another program meanwhile.
enum class LookTime { Before, After };

/// Whether the test is to blame for the leftovers.
enum class Blame { Nobody, Test };

enum class KillReason {
    GraceOver,
    Demanded,   // by a second signal
    OtherPort,  // to be started again on another port
};

namespace action {
struct LookAtPorts {  // answered by PortsLooked
    LookTime when;
};
struct EndHolders {
    Signal signal;
};
struct StartServer {  // spawn it and probe it; only probe it if it is reused
    ServerId server;
};
struct ChangePort {  // choose another port; no process of this server is left
    ServerId server;
};
struct StopProbes {};
struct StartTest {};
struct Serve {};  // all servers are ready and there is no test
struct SignalTest {
    Signal signal;
    Wake wake;
};
struct KillTest {};   // its grace is over
struct SignalGroup {  // to each process of it but the sender
    Signal signal;
    Pid sender;
};
struct StopServer {  // stop signal to its main process (or those in the background), unless it got ours before
    ServerId server;
    Reach reach;  // which processes have got the request already
};
struct StopServerTree {  // the same to all of its processes
    ServerId server;
    Reach reach;
};
struct StopLeftovers {  // SIGTERM to every descendant outside a living server's tree
    Blame blame;
};
struct CollectEnded {};  // reap: a process that ended before this phase has sent its SIGCHLD already
struct KillServer {      // SIGKILL to its tree
    ServerId server;
    KillReason reason;
};
struct KillLeftovers {};
struct KillEverything {  // all descendants, until TreeEmpty or KillingGaveUp
    KillReason reason;
};
struct StartTimer {
    Timer timer;
    Millis after;
    ServerId server{};
};
struct StopTimer {
    Timer timer;
    ServerId server{};
};
struct StopAllTimers {};  // but SameRequest, which does not depend on the phase
struct ReportSurvivors {};
struct ReportHolders {};
struct ReportServerEnded {
    ServerId server;
    ExitStatus status;
    ServerEnd what;
};
struct ReportInBackground {  // its main process has exited with 0 and has left others
    ServerId server;
};
struct ReportListenerLost {
    ServerId server;
};
struct ReportTestStillThere {  // after its stop signal
    Millis left;               // until it is killed
};
/// Whether the test runs on without the port.
enum class GoesOn { No, Yes };
struct ReportReusedPortLost {
    Port port;
    GoesOn test;
};
struct Finish {
    Outcome outcome;
};
}  // namespace action

using Action =
    std::variant<action::LookAtPorts, action::EndHolders, action::StartServer, action::ChangePort, action::StopProbes,
                 action::StartTest, action::Serve, action::SignalTest, action::KillTest, action::SignalGroup,
                 action::StopServer, action::StopServerTree, action::StopLeftovers, action::CollectEnded,
                 action::KillServer, action::KillLeftovers, action::KillEverything, action::StartTimer,
                 action::StopTimer, action::StopAllTimers, action::ReportSurvivors, action::ReportHolders,
                 action::ReportServerEnded, action::ReportInBackground, action::ReportListenerLost,
                 action::ReportTestStillThere, action::ReportReusedPortLost, action::Finish>;

}  // namespace vlmshim
