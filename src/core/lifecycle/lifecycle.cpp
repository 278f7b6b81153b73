#include "vlmshim/core/lifecycle/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/config/server_order.hpp"
#include "vlmshim/core/values/by_type.hpp"

namespace vlmshim {

std::string_view phase_name(Phase phase) {
    switch (phase) {
        case Phase::Claiming:
            return "claiming";
        case Phase::Starting:
            return "starting";
        case Phase::Testing:
            return "testing";
        case Phase::Serving:
            return "serving";
        case Phase::Stopping:
            return "stopping";
        case Phase::Draining:
            return "draining";
        case Phase::Killing:
            return "killing";
        case Phase::Verifying:
            return "verifying";
        case Phase::Done:
            return "done";
    }
    return "?";
}

Lifecycle::Lifecycle(const Config& config)
    : test_(config.test),
      shutdown_grace_(config.shutdown_grace),
      forward_(config.signals.forward),
      serve_(serves(config)),
      predecessors_(predecessors(config.servers)) {
    for (const ServerConfig& server : config.servers) {
        servers_.push_back({.ready_timeout = server.ready.timeout,
                            .grace = grace_of(server, config),
                            .on_exit = server.on_exit,
                            .auto_port = server.port == auto_port,
                            .runs_elsewhere = server.owner == PortOwner::Any});
    }
}

std::vector<Action> Lifecycle::handle(const Event& event) {
    actions_.clear();
    note(event);
    switch (phase_) {
        case Phase::Claiming:
            claiming(event);
            break;
        case Phase::Starting:
            starting(event);
            break;
        case Phase::Testing:
            testing(event);
            break;
        case Phase::Serving:
            serving(event);
            break;
        case Phase::Stopping:
            stopping(event);
            break;
        case Phase::Draining:
            draining(event);
            break;
        case Phase::Killing:
            killing(event);
            break;
        case Phase::Verifying:
            verifying(event);
            break;
        case Phase::Done:
            break;
    }
    return std::exchange(actions_, {});
}

JobState Lifecycle::job_state() const {
    switch (phase_) {
        case Phase::Claiming:
        case Phase::Starting:
        case Phase::Serving:
        case Phase::Done:
            return JobState::Waiting;
        case Phase::Testing:
        case Phase::Stopping:
            return JobState::Testing;
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Verifying:
            break;
    }
    return JobState::Ending;
}

Outcome Lifecycle::outcome() const {
    Outcome outcome{failure_, failed_server_, status(), test_status_, ended_by_};
    outcome.listener_lost = listener_lost_;
    if (death_) {
        outcome.failure = Failure::ServerDied;
        outcome.server = death_->server;
        outcome.server_end = death_->when;
    }
    return outcome;
}

ExitStatus Lifecycle::status() const {
    const ExitStatus own_failure = ExitStatus::exited(exit_own_failure);
    const ExitStatus status = death_ ? own_failure : own_status_.value_or(test_status_.value_or(own_failure));
    // A failed clean-up never hides behind a passing test.
    return unclean_ && status.success() ? own_failure : status;
}

// --- for several phases

/// What has to be noted in whatever phase it arrives. What follows from it, the phase decides.
void Lifecycle::note(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const ServerNotSpawned& not_spawned) { at(not_spawned.server).alive = false; },
                   [this](const ServerReused& reused) { at(reused.server).alive = false; },
                   [this](const TestNotSpawned& not_spawned) {
                       own_status_ = not_spawned.status;
                       fail(Failure::TestNotStarted);
                   },
                   [this](const TestExited& exited) { test_status_ = exited.status; },
                   [this](const LeftoversFound&) {
                       if (test_.leftovers == Leftovers::Fail) {
                           unclean_ = true;
                           fail(Failure::Leftovers);
                       }
                   },
                   [this](const EndRequested& requested) { note_request(requested); },
                   [this](const RequestRepeated& repeated) { note_reach(repeated.reach); },
                   [this](const TimerFired& fired) {
                       if (fired.timer == Timer::SameRequest && death_) {
                           death_->may_be_requested = false;
                       }
                   },
                   [](const auto&) {},
               },
               event);
}

void Lifecycle::interrupted(Signal signal) {
    own_status_ = ExitStatus::signaled(signal);
    fail(Failure::Interrupted);
}

/// What the whole group has got counts as the servers' stop signal: llama-server takes a second one as "abort now".
void Lifecycle::note_reach(Reach reach) {
    for (Server& server : servers_) {
        server.reach = std::max(server.reach, reach);
    }
}

void Lifecycle::note_end(const event::ServerExited& exited, ServerEnd meaning) {
    act(action::ReportServerEnded{exited.server, exited.status, meaning});
    at(exited.server).alive = exited.left == event::StillThere::Processes;
    if (!at(exited.server).alive) {
        act(action::StopTimer{Timer::HalfGrace, exited.server});
        act(action::StopTimer{Timer::ServerGrace, exited.server});
    }
}

/// A main process that exits with 0 and leaves another one of the server, or a daemon elsewhere, has gone into the
/// background. false: it has not.
bool Lifecycle::note_background(const event::ServerExited& exited) {
    Server& server = at(exited.server);
    const bool leaves_others = exited.left == event::StillThere::Processes;
    if (!exited.status.success() || !(leaves_others || server.runs_elsewhere)) {
        return false;
    }
    server.background = std::max(server.background, Server::Background::Unreported);
    server.alive = leaves_others;
    if (server.ready) {
        report_background(exited.server);
    }
    return true;
}

/// Once, and not before the server is ready: until then it may fork several times.
void Lifecycle::report_background(ServerId server) {
    if (at(server).background == Server::Background::Unreported) {
        at(server).background = Server::Background::Reported;
        act(action::ReportInBackground{server});
    }
}

void Lifecycle::pass_on(std::optional<Signal> signal, Pid sender) {
    if (signal) {
        forward(*signal, Wake::Yes, sender);
    }
}

void Lifecycle::forward(Signal signal, Wake wake, Pid sender) {
    switch (forward_) {
        case Forward::Test:
            act(action::SignalTest{signal, wake});
            break;
        case Forward::Group:
            act(action::SignalGroup{signal, sender});
            if (wake == Wake::Yes) {
                note_reach(Reach::Group);
            }
            break;
    }
}

void Lifecycle::fail(Failure why, std::optional<ServerId> server) {
    // The first cause is the one to report.
    if (failure_ == Failure::None) {
        failure_ = why;
        failed_server_ = server;
    }
}

}  // namespace vlmshim
