// Draining: servers and leftovers get their stop signals and their graces. Killing: what is left then is killed.
#include <algorithm>

#include "vlmshim/core/config/server_order.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/by_type.hpp"

namespace vlmshim {

// --- draining

void Lifecycle::begin_draining() {
    phase_ = Phase::Draining;
    act(action::StopProbes{});
    act(action::StopAllTimers{});
    stop_leftovers();
    std::vector<Millis> graces;
    for (Server& server : servers_) {
        server.closing = false;
        graces.push_back(server.alive ? server.grace : Millis{0});
    }
    stop_servers();
    act(action::StartTimer{Timer::DrainLimit, std::max(shutdown_grace_, longest_drain(predecessors_, graces))});
    act(action::CollectEnded{});
}

void Lifecycle::draining(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const ServerExited& exited) { server_ended_late(exited); },
                   [this](const EndDemanded&) { begin_killing(KillReason::Demanded); },
                   [this](const KeeperLost&) { keeper_lost(); },
                   [this](const TreeEmpty&) { begin_verifying(); },
                   [this](const TimerFired& fired) { drain_timer_fired(fired); },
                   Ignored<Started, PortsLooked, ServerNotSpawned, ServerReused, ReusedPortLost, ListenerLost,
                           ServerReady, ServerImpersonated, TestNotSpawned, TestExited, LeftoversFound, EndRequested,
                           RequestRepeated, SignalPassed, KillingGaveUp>{},
               },
               event);
}

/// The first time after the test's end, before any server gets its stop signal: what a server leaves when it ends is
/// not the test's.
void Lifecycle::stop_leftovers() {
    const bool blame_test = test_status_ && !test_blamed_;
    test_blamed_ = test_blamed_ || blame_test;
    act(action::StopLeftovers{blame_test ? Blame::Test : Blame::Nobody});
    act(action::StartTimer{Timer::LeftoverGrace, shutdown_grace_});
}

/// Those whose turn it is: all that are after them have ended.
void Lifecycle::stop_servers() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        Server& server = servers_[i];
        if (!server.alive || server.closing || needed_by_living(i)) {
            continue;
        }
        server.closing = true;
        if (server.reach != Reach::All) {
            act(action::StopServer{ServerId{i}, server.reach});
        }
        act(action::StartTimer{Timer::HalfGrace, server.grace / 2, ServerId{i}});
        act(action::StartTimer{Timer::ServerGrace, server.grace, ServerId{i}});
    }
}

bool Lifecycle::needed_by_living(std::size_t server) const {
    for (std::size_t later = 0; later < servers_.size(); ++later) {
        const auto& before = predecessors_[later];
        if (servers_[later].alive && std::find(before.begin(), before.end(), server) != before.end()) {
            return true;
        }
    }
    return false;
}

void Lifecycle::server_ended_late(const event::ServerExited& exited) {
    note_end(exited, ServerEnd::Expected);
    const Server& server = at(exited.server);
    // A launcher has ended: what it leaves gets the stop signal itself.
    if (server.alive && server.closing && server.reach != Reach::All) {
        act(action::StopServerTree{exited.server, server.reach});
    }
    stop_leftovers();
    stop_servers();
}

void Lifecycle::drain_timer_fired(const event::TimerFired& fired) {
    if (fired.timer == Timer::HalfGrace && at(fired.server).alive) {
        // Now also to those that the kernel or its sender has given a signal.
        act(action::StopServer{fired.server, Reach::OnlyUs});
        act(action::StopServerTree{fired.server, Reach::OnlyUs});
    } else if (fired.timer == Timer::ServerGrace && at(fired.server).alive) {
        act(action::KillServer{fired.server, KillReason::GraceOver});
    } else if (fired.timer == Timer::LeftoverGrace) {
        const bool any_server_alive =
            std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.alive; });
        if (any_server_alive) {
            act(action::KillLeftovers{});
        } else {
            begin_killing(KillReason::GraceOver);
        }
    } else if (fired.timer == Timer::DrainLimit) {
        begin_killing(KillReason::GraceOver);
    }
}

/// The test is stopped as well, as one of the processes outside the servers' trees.
void Lifecycle::keeper_lost() {
    fail(Failure::KeeperLost);
    begin_draining();
    act(action::StartTimer{Timer::DrainLimit, abandoned_grace});
}

// --- killing

void Lifecycle::begin_killing(KillReason reason) {
    phase_ = Phase::Killing;
    act(action::StopAllTimers{});
    act(action::KillEverything{reason});
}

void Lifecycle::killing(const Event& event) {
    using namespace event;
    std::visit(ByType{
                   [this](const ServerExited& exited) { note_end(exited, ServerEnd::Expected); },
                   [this](const TreeEmpty&) { begin_verifying(); },
                   [this](const KillingGaveUp&) {
                       unclean_ = true;
                       fail(Failure::NotCleaned);
                       act(action::ReportSurvivors{});
                       begin_verifying();
                   },
                   Ignored<Started, PortsLooked, ServerNotSpawned, ServerReused, ReusedPortLost, ListenerLost,
                           ServerReady, ServerImpersonated, TestNotSpawned, TestExited, LeftoversFound, EndRequested,
                           RequestRepeated, EndDemanded, SignalPassed, KeeperLost, TimerFired>{},
               },
               event);
}

}  // namespace vlmshim
