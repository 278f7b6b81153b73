// Up to the test: ports claimed, servers started and ready.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

#include <algorithm>

namespace vlmshim {

void Lifecycle::on(const event::Started&) {
    act(action::LookAtPorts{LookTime::Before});
}

void Lifecycle::on(const event::PortsLooked& looked) {
    switch (phase_) {
        case Phase::Claiming:
            ports_looked_before(looked.state);
            break;
        case Phase::Verifying:
            ports_looked_after(looked.state);
            break;
        case Phase::Starting:
        case Phase::Testing:
        case Phase::Serving:
        case Phase::Stopping:
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::ports_looked_before(PortsState state) {
    switch (state) {
        case PortsState::Free:
            act(action::StopAllTimers{});
            holders_told_ = false;
            start_servers();
            break;
        case PortsState::Endable:
            end_holders();
            break;
        case PortsState::Settling:
            act(action::StartTimer{Timer::PortPoll, port_poll_pause});
            break;
        case PortsState::Held:
            own_status_ = ExitStatus::exited(exit_own_failure);
            fail(Failure::PortBusy);
            finish();
            break;
    }
}

void Lifecycle::start_servers() {
    phase_ = Phase::Starting;
    if (servers_.empty()) {
        start_test();
        return;
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const bool unblocked = std::all_of(before_[i].begin(), before_[i].end(),
                                           [&](std::size_t earlier) { return servers_[earlier].ready; });
        if (unblocked && !servers_[i].started) {
            start_server(ServerId{i});
        }
    }
}

void Lifecycle::start_server(ServerId server) {
    at(server).started = true;
    at(server).alive = true;
    act(action::StartServer{server});
    act(action::StartTimer{Timer::ReadyTimeout, at(server).ready_timeout, server});
}

bool Lifecycle::may_change_port(Server& server) {
    return server.auto_port && ++server.ports_lost <= most_ports_lost;
}

void Lifecycle::start_with_other_port(ServerId server) {
    at(server).changing_port = false;
    act(action::ChangePort{server});
    start_server(server);
}

void Lifecycle::on(const event::ServerNotSpawned& event) {
    at(event.server).alive = false;
    if (phase_ == Phase::Starting) {
        server_failed(Failure::ServerNotStarted, event.server);
    }
}

void Lifecycle::on(const event::ServerReused& event) {
    at(event.server).alive = false;
}

/// It was never ours to keep alive, and perhaps the test is done with it: what a test makes of it is
/// the test's. But nobody waits for a server that will not come.
void Lifecycle::on(const event::ReusedPortLost& event) {
    if (phase_ < Phase::Stopping) {
        act(action::TellReusedPortLost{event.port,
                                       phase_ == Phase::Testing ? action::GoesOn::Yes : action::GoesOn::No});
    }
    const bool waited_for = phase_ == Phase::Starting || phase_ == Phase::Serving;
    if (event.server && at(*event.server).on_exit == OnExit::Fail && waited_for) {
        server_died(*event.server, phase_ == Phase::Serving ? ServerEnd::WhileServing : ServerEnd::BeforeReady);
    }
}

void Lifecycle::on(const event::ServerReady& event) {
    if (phase_ != Phase::Starting || at(event.server).changing_port) {
        return;
    }
    at(event.server).ready = true;
    act(action::StopTimer{Timer::ReadyTimeout, event.server});
    tell_background(event.server);
    if (all_ready()) {
        all_are_ready();
    } else {
        start_servers();
    }
}

void Lifecycle::on(const event::ServerImpersonated& event) {
    Server& server = at(event.server);
    if (phase_ != Phase::Starting || server.changing_port) {
        return;
    }
    if (!may_change_port(server)) {
        server_failed(Failure::ServerNotOurs, event.server);
    } else if (server.alive) {
        server.changing_port = true;
        act(action::StopTimer{Timer::ReadyTimeout, event.server});
        act(action::KillServer{event.server, KillReason::OtherPort});
    } else {
        start_with_other_port(event.server);
    }
}

void Lifecycle::all_are_ready() {
    if (serve_) {
        phase_ = Phase::Serving;
        act(action::Serve{});
    } else {
        start_test();
    }
}

void Lifecycle::start_test() {
    phase_ = Phase::Testing;
    act(action::StartTest{});
    if (test_.timeout) {
        act(action::StartTimer{Timer::TestTimeout, *test_.timeout});
    }
}

void Lifecycle::on(const event::TestNotSpawned& event) {
    own_status_ = ExitStatus::exited(event.exit_code);
    fail(Failure::TestNotStarted);
    drain();
}

}  // namespace vlmshim
