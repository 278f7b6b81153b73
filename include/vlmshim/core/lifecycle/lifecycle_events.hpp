// What the lifecycle is told, and what it answers: the two sides of its table.
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
    ReadyTimeout,  // per server
    TestTimeout,
    TestGrace,
    TestHint,     // until the user is told what is waited for
    TestGiveUp,   // after SIGKILL to the test
    HalfGrace,    // per server
    ServerGrace,  // per server
    LeftoverGrace,
    DrainLimit,
    PortPoll,
    HolderGrace,
    HolderGiveUp,
};

/// What the run is doing, for who stops or wakes it.
enum class JobState {
    Waiting,  // no test yet, or none at all
    Testing,
    Ending,
};

/// What a look at the guarded ports found, after spared and ancestor holders were told apart.
enum class PortsState {
    Free,      // or held by what we leave alone on purpose
    Endable,   // held by processes that we may end
    Settling,  // held by nobody visible, perhaps by a process that is just ending: look again
    Held,      // held by what we must not, or cannot, end
};

/// Whether a process that is signalled is continued if it is stopped: the signal is meant to end it.
enum class Wake { No, Yes };

namespace event {
struct Started {};
struct PortsLooked {
    PortsState state;
};
struct ServerNotSpawned {
    ServerId server;
};
struct ServerReused {  // nothing was started: somebody else's server is used
    ServerId server;
};
struct ReusedPortLost {  // nobody listens any more where somebody else's server was used
    Port port;
    std::optional<ServerId> server;  // nullopt: it is the port of none
};
struct ServerReady {
    ServerId server;
};
struct ServerImpersonated {  // the probe is answered by somebody else
    ServerId server;
};
/// Whether somebody else was faster to take the port that was chosen for it (port = "auto").
enum class ItsPort { Kept, Lost };
/// Of its processes, when its main process has ended.
enum class StillThere { Nothing, Processes };
struct ServerExited {  // its main process; then, when that has left others, the last of these
    ServerId server;
    ExitStatus status;
    ItsPort port = ItsPort::Kept;
    StillThere left = StillThere::Nothing;
};
/// Under the test: the process that listened for it has ended, nobody of it does any more, and yet it lives on.
struct ListenerLost {
    ServerId server;
};
struct TestNotSpawned {
    ExitStatus status;  // of the run: 125, 126 or 127
};
struct TestExited {
    ExitStatus status;
};
struct LeftoversFound {};  // the test is over and processes of it are left
struct EndRequested {      // the first signal that ends the run
    Signal signal;
    std::optional<Signal> pass_on;  // nullopt: the test has got it
    Reach reach;
    Pid sender{};
};
struct RequestRepeated {  // the same request, told another way
    std::optional<Signal> pass_on;
    Reach reach;
    Pid sender{};
};
struct EndDemanded {};  // a second request: now
struct SignalPassed {   // for the test
    Signal signal;
    Pid sender;
};
struct KeeperLost {};     // somebody killed the process that our caller waits for
struct TreeEmpty {};      // waitid: ECHILD. The proof.
struct KillingGaveUp {};  // what is left cannot be killed
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

/// Before the run whoever listens is in the way; after it, was started behind its back.
enum class LookTime { Before, After };

/// Whether what is left over is the test's doing.
enum class Blame { Nobody, Test };

enum class KillReason {
    GraceOver,
    Demanded,   // by a second signal
    OtherPort,  // it is started anew where nobody else listens
};

namespace action {
struct LookAtPorts {  // answered by PortsLooked
    LookTime when;
};
struct EndHolders {
    Signal signal;
};
struct StartServer {  // spawn and probe; only probe what is reused
    ServerId server;
};
struct ChangePort {  // choose another one; nothing of this server runs
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
struct SignalGroup {  // each process of it but the sender
    Signal signal;
    Pid sender;
};
struct StopServer {  // stop signal to its main process (or those in the background), unless we asked it before
    ServerId server;
    Reach told;  // who has got the request without us
};
struct StopServerTree {  // the same to everything of it
    ServerId server;
    Reach told;
};
struct StopLeftovers {  // SIGTERM to every descendant outside a living server's tree
    Blame blame;
};
struct CollectEnded {};  // whoever ended before we began to wait has sent its SIGCHLD already
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
struct StopAllTimers {};
struct ReportSurvivors {};
struct ReportHolders {};
struct TellServerEnded {
    ServerId server;
    ExitStatus status;
    ServerEnd what;
};
struct TellInBackground {  // its main process has ended well and has left others
    ServerId server;
};
struct TellListenerLost {
    ServerId server;
};
/// Whether the test runs on without it.
enum class GoesOn { No, Yes };
struct TellTestStillThere {  // it was told to stop a moment ago, and will be killed in this time
    Millis left;
};
struct TellReusedPortLost {
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
                 action::TellServerEnded, action::TellInBackground, action::TellListenerLost,
                 action::TellTestStillThere, action::TellReusedPortLost, action::Finish>;

}  // namespace vlmshim
