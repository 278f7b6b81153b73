// The way down: drain, kill, verify.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

#include <algorithm>

#include "vlmshim/core/config/server_order.hpp"

namespace vlmshim {

void Lifecycle::server_failed(Failure why, ServerId server) {
    own_status_ = ExitStatus::exited(exit_own_failure);
    fail(why, server);
    drain();
}

void Lifecycle::server_died(ServerId server, ServerEnd when) {
    server_end_ = when;
    server_failed(Failure::ServerDied, server);
}

void Lifecycle::stop_test(Signal signal) {
    phase_ = Phase::Stopping;
    act(action::StopTimer{Timer::TestTimeout});
    act(action::SignalTest{signal, Wake::Yes});
    start_test_grace();
}

void Lifecycle::start_test_grace() {
    act(action::StartTimer{Timer::TestGrace, test_.grace});
    if (test_.grace > test_hint) {
        act(action::StartTimer{Timer::TestHint, test_hint});
    }
}

void Lifecycle::drain() {
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
    act(action::StartTimer{Timer::DrainLimit, std::max(shutdown_grace_, longest_drain(before_, graces))});
    act(action::CollectEnded{});
}

/// The first time after the test's end, before anything is asked: what a server leaves when it ends is not the test's.
void Lifecycle::stop_leftovers() {
    const bool blame_test = test_status_ && !blamed_;
    blamed_ = blamed_ || blame_test;
    act(action::StopLeftovers{blame_test ? Blame::Test : Blame::Nobody});
    act(action::StartTimer{Timer::LeftoverGrace, shutdown_grace_});
}

/// A server is asked when those that are after it are gone.
void Lifecycle::stop_servers() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        Server& server = servers_[i];
        if (!server.alive || server.closing || needed_by_living(i)) {
            continue;
        }
        server.closing = true;
        // A ^C that the terminal gave to the whole group was the asking: llama-server takes a
        // second signal as "abort now".
        if (server.told != Reach::Everybody) {
            act(action::StopServer{ServerId{i}, server.told});
        }
        act(action::StartTimer{Timer::HalfGrace, server.grace / 2, ServerId{i}});
        act(action::StartTimer{Timer::ServerGrace, server.grace, ServerId{i}});
    }
}

/// To be told to stop is the regular end of serving, not a failure.
void Lifecycle::stop_serving(Signal signal) {
    const bool regular = signal == sigint || signal == sigterm;
    own_status_ = regular ? ExitStatus::exited(0) : ExitStatus::signaled(signal);
    drain();
}

void Lifecycle::kill(KillReason reason) {
    phase_ = Phase::Killing;
    act(action::StopAllTimers{});
    act(action::KillEverything{reason});
}

void Lifecycle::verify() {
    phase_ = Phase::Verifying;
    act(action::StopAllTimers{});
    holders_told_ = false;
    act(action::LookAtPorts{LookTime::After});
}

void Lifecycle::ports_looked_after(PortsState state) {
    switch (state) {
        case PortsState::Free:
            finish();
            break;
        case PortsState::Endable:
            end_holders();
            break;
        case PortsState::Settling:
            act(action::StartTimer{Timer::PortPoll, port_poll_pause});
            break;
        case PortsState::Held:
            unclean_ = true;
            fail(Failure::NotCleaned);
            act(action::ReportHolders{});
            finish();
            break;
    }
}

void Lifecycle::end_holders() {
    if (!holders_told_) {
        holders_told_ = true;
        act(action::EndHolders{sigterm});
        act(action::StartTimer{Timer::HolderGrace, shutdown_grace_});
        act(action::StartTimer{Timer::HolderGiveUp, shutdown_grace_ + kill_give_up});
    }
    act(action::StartTimer{Timer::PortPoll, port_poll_pause});
}

void Lifecycle::finish() {
    phase_ = Phase::Done;
    act(action::StopAllTimers{});
    act(action::Finish{outcome()});
}

}  // namespace vlmshim
