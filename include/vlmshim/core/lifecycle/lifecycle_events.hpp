// What the lifecycle is told, and what it answers: the two sides of its table.
#pragma once

#include <cstddef>
#include <optional>
#include <variant>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Index into Config::servers.
enum class ServerId : std::size_t {};

enum class Timer {
    ReadyTimeout,  // per server
    TestTimeout,
    TestGrace,
    HalfGrace,    // per server
    ServerGrace,  // per server
    LeftoverGrace,
    DrainLimit,
    KillRound,
    KillGiveUp,
    PortPoll,
    HolderGrace,
    HolderGiveUp,
};

/// What a look at the guarded ports found, after spared and ancestor holders were told apart.
enum class PortsState {
    Free,      // or held by what we leave alone on purpose
    Endable,   // held by processes that we may end
    Settling,  // held by nobody visible, perhaps by a process that is just ending: look again
    Held,      // held by what we must not, or cannot, end
};

/// What those are that have not gone in the time that SIGKILL takes.
enum class Survivors {
    Dying,       // some were killed and only wait for a processor: the machine is busy
    Unkillable,  // another user's, in uninterruptible sleep, traced
};

/// Whether who is signalled is continued if it is stopped: the signal is meant to end it.
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
struct ReusedServerLost {  // somebody else's server, used by this run, is gone
    ServerId server;
};
struct ServerReady {
    ServerId server;
};
struct ServerImpersonated {  // the probe is answered by somebody else
    ServerId server;
};
struct ServerExited {
    ServerId server;
    ExitStatus status;
    bool port_lost = false;  // port = "auto", and somebody else was faster to take it
};
struct TestNotSpawned {
    int exit_code;  // 125, 126 or 127
};
struct TestExited {
    ExitStatus status;
};
struct LeftoversFound {};  // the test is over and processes of it are left
struct EndRequested {      // the first signal that ends the run
    Signal signal;
    std::optional<Signal> pass_on;  // nullopt: the test has got it
    Reach reach;
};
struct RequestRepeated {  // the same request, told another way
    std::optional<Signal> pass_on;
    Reach reach;
};
struct EndDemanded {};  // a second request: now
struct SignalPassed {   // for the test
    Signal signal;
    Pid sender;
};
struct KeeperLost {};  // somebody killed the process that our caller waits for
struct DescendantReaped {};
struct TreeEmpty {};  // waitid: ECHILD. The proof.
struct SurvivorsJudged {
    Survivors survivors;
};
struct TimerFired {
    Timer timer;
    ServerId server{};
};
}  // namespace event

using Event = std::variant<event::Started, event::PortsLooked, event::ServerNotSpawned, event::ServerReused,
                           event::ReusedServerLost, event::ServerReady, event::ServerImpersonated, event::ServerExited,
                           event::TestNotSpawned, event::TestExited, event::LeftoversFound, event::EndRequested,
                           event::RequestRepeated, event::EndDemanded, event::SignalPassed, event::KeeperLost,
                           event::DescendantReaped, event::TreeEmpty, event::SurvivorsJudged, event::TimerFired>;

namespace action {
struct LookAtPorts {};  // answered by PortsLooked
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
struct SignalGroup {  // each process of it but the sender
    Signal signal;
    Pid sender;
};
struct AskServer {  // stop signal to its main process, unless we asked it before
    ServerId server;
};
struct AskServerTree {  // the same to everything below it
    ServerId server;
};
struct AskLeftovers {};  // SIGTERM to every descendant outside a living server's tree
struct KillServer {      // SIGKILL to its tree
    ServerId server;
};
struct KillLeftovers {};
struct KillEverything {};  // one round over all descendants
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
struct JudgeSurvivors {};  // answered by SurvivorsJudged
struct ReportSurvivors {};
struct ReportHolders {};
struct Finish {};
}  // namespace action

using Action =
    std::variant<action::LookAtPorts, action::EndHolders, action::StartServer, action::ChangePort, action::StopProbes,
                 action::StartTest, action::Serve, action::SignalTest, action::SignalGroup, action::AskServer,
                 action::AskServerTree, action::AskLeftovers, action::KillServer, action::KillLeftovers,
                 action::KillEverything, action::StartTimer, action::StopTimer, action::StopAllTimers,
                 action::JudgeSurvivors, action::ReportSurvivors, action::ReportHolders, action::Finish>;

}  // namespace vlmshim
