// Starting: the servers are started in the order of `after`, until all are ready.
#include <algorithm>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/by_type.hpp"

namespace vlmshim {

void Lifecycle::begin_starting() {
    phase_ = Phase::Starting;
    if (servers_.empty()) {
        begin_testing();
    } else {
        start_servers();
    }
}

void Lifecycle::starting(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const ServerNotSpawned& not_spawned) {
                       server_failed(Failure::ServerNotStarted, not_spawned.server);
                   },
                   [this](const ReusedPortLost& lost) { reused_port_lost(lost, ServerEnd::BeforeReady); },
                   [this](const ServerReady& ready) { server_ready(ready.server); },
                   [this](const ServerImpersonated& impersonated) { server_impersonated(impersonated.server); },
                   [this](const ServerExited& exited) { server_ended_early(exited); },
                   [this](const EndRequested& requested) {
                       interrupted(requested.signal);
                       begin_draining();
                   },
                   [this](const EndDemanded&) { begin_killing(KillReason::Demanded); },
                   [this](const KeeperLost&) { keeper_lost(); },
                   [this](const TimerFired& fired) {
                       if (fired.timer == Timer::ReadyTimeout) {
                           server_failed(Failure::ServerNotReady, fired.server);
                       }
                   },
                   Ignored<Started, PortsLooked, ServerReused, ListenerLost, TestNotSpawned, TestExited, LeftoversFound,
                           RequestRepeated, SignalPassed, TreeEmpty, KillingGaveUp>{},
               },
               event);
}

/// Those that can start now: all that they are after are ready.
void Lifecycle::start_servers() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const bool unblocked = std::all_of(predecessors_[i].begin(), predecessors_[i].end(),
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

void Lifecycle::server_ready(ServerId server) {
    if (at(server).changing_port) {
        return;
    }
    at(server).ready = true;
    act(action::StopTimer{Timer::ReadyTimeout, server});
    report_background(server);
    const bool all_ready = std::all_of(servers_.begin(), servers_.end(), [](const Server& one) { return one.ready; });
    if (!all_ready) {
        start_servers();
    } else if (serve_) {
        begin_serving();
    } else {
        begin_testing();
    }
}

/// A server that may have another port is killed first, then started on that.
void Lifecycle::server_impersonated(ServerId id) {
    Server& server = at(id);
    if (server.changing_port) {
        return;
    }
    if (!note_lost_port(server)) {
        server_failed(Failure::ServerNotOurs, id);
    } else if (server.alive) {
        server.changing_port = true;
        act(action::StopTimer{Timer::ReadyTimeout, id});
        act(action::KillServer{id, KillReason::OtherPort});
    } else {
        start_on_other_port(id);
    }
}

void Lifecycle::server_ended_early(const event::ServerExited& exited) {
    if (note_background(exited)) {
        return;
    }
    Server& server = at(exited.server);
    if (exited.port == event::ItsPort::Lost && !server.changing_port) {
        server.changing_port = note_lost_port(server);
    }
    if (server.changing_port) {
        note_end(exited, ServerEnd::Expected);
        if (!server.alive) {  // else the rest of it is being killed, too
            start_on_other_port(exited.server);
        }
    } else if (note_death(exited, server.ready ? ServerEnd::BeforeTest : ServerEnd::BeforeReady)) {
        begin_draining();
    }
}

void Lifecycle::server_failed(Failure why, ServerId server) {
    own_status_ = ExitStatus::exited(exit_own_failure);
    fail(why, server);
    begin_draining();
}

/// true: the server gets another one.
bool Lifecycle::note_lost_port(Server& server) {
    return server.auto_port && ++server.ports_lost <= most_ports_lost;
}

void Lifecycle::start_on_other_port(ServerId server) {
    at(server).changing_port = false;
    act(action::ChangePort{server});
    start_server(server);
}

}  // namespace vlmshim
