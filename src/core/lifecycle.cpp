#include "vlmshim/core/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/server_order.hpp"

namespace vlmshim {

namespace {

constexpr Signal sigkill{9};
constexpr Signal sigterm{15};

// A kill needs no patience: the kernel ends a process within microseconds. The next round is for
// what was forked meanwhile.
constexpr Millis kill_round_pause{5};
// Counted from the last process that went. Test grace + server grace + this stays under the ten
// seconds that `docker stop` allows.
constexpr Millis kill_give_up{1'500};
// A killed process needs a processor to go, and on a busy machine it may not get one for seconds.
constexpr int most_waits_for_dying = 8;
constexpr Millis port_poll_pause{5};
// After SIGKILL to the keeper: long enough for a server that ends when it is asked, short enough
// for a caller who believes that all is over.
constexpr Millis abandoned_grace{300};
// With as many chosen ports lost to others, it is not by chance.
constexpr int most_ports_lost = 3;

}  // namespace

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
      signals_(config.signals),
      serve_(serves(config)),
      before_(predecessors(config.servers)) {
    for (const ServerConfig& server : config.servers) {
        servers_.push_back({.ready_timeout = server.ready.timeout,
                            .grace = grace_of(server, config),
                            .on_exit = server.on_exit,
                            .auto_port = server.port == auto_port});
    }
}

std::vector<Action> Lifecycle::handle(const Event& event) {
    actions_.clear();
    std::visit([this](const auto& what) { on(what); }, event);
    return std::exchange(actions_, {});
}

ExitStatus Lifecycle::status() const {
    const ExitStatus status = own_status_.value_or(test_status_.value_or(ExitStatus::exited(exit_own_failure)));
    // A failed clean-up never hides behind a passing test.
    return unclean_ && status.success() ? ExitStatus::exited(exit_own_failure) : status;
}

// --- before the test -------------------------------------------------------------------------

void Lifecycle::on(const event::Started&) {
    act(action::LookAtPorts{});
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
            holders_asked_ = false;
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

void Lifecycle::on(const event::ServerReady& event) {
    if (phase_ != Phase::Starting || at(event.server).changing_port) {
        return;
    }
    at(event.server).ready = true;
    act(action::StopTimer{Timer::ReadyTimeout, event.server});
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
        act(action::KillServer{event.server});
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

// --- processes that end ----------------------------------------------------------------------

void Lifecycle::on(const event::ServerExited& event) {
    Server& server = at(event.server);
    server.alive = false;
    act(action::StopTimer{Timer::HalfGrace, event.server});
    act(action::StopTimer{Timer::ServerGrace, event.server});
    switch (phase_) {
        case Phase::Starting:
            // on_exit = "ignore" is also how a server that daemonises itself is configured.
            if (server.changing_port || (event.port_lost && may_change_port(server))) {
                start_with_other_port(event.server);
            } else if (server.on_exit == OnExit::Fail) {
                server_failed(Failure::ServerDied, event.server);
            }
            break;
        case Phase::Testing:
            if (server.on_exit == OnExit::Fail) {
                own_status_ = ExitStatus::exited(exit_own_failure);
                fail(Failure::ServerDied, event.server);
                stop_test(sigterm);
            }
            break;
        case Phase::Serving:
            if (server.on_exit == OnExit::Fail) {
                server_failed(Failure::ServerDied, event.server);
            }
            break;
        case Phase::Draining:
            // A launcher is gone: what it had below it belongs to nobody now and is asked itself.
            act(action::AskLeftovers{});
            act(action::StartTimer{Timer::LeftoverGrace, shutdown_grace_});
            ask_servers();
            break;
        case Phase::Claiming:
        case Phase::Stopping:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::TestExited& event) {
    test_status_ = event.status;
    if (phase_ == Phase::Testing || phase_ == Phase::Stopping) {
        drain();
    }
}

void Lifecycle::on(const event::LeftoversFound&) {
    if (test_.leftovers == Leftovers::Fail) {
        unclean_ = true;
        fail(Failure::Leftovers);
    }
}

void Lifecycle::on(const event::KeeperLost&) {
    switch (phase_) {
        case Phase::Claiming:
            fail(Failure::KeeperLost);
            finish();
            break;
        case Phase::Starting:
        case Phase::Testing:
        case Phase::Serving:
        case Phase::Stopping:
        case Phase::Draining:
            fail(Failure::KeeperLost);
            drain();  // asks the test too, as what is outside the servers' trees
            act(action::StartTimer{Timer::DrainLimit, abandoned_grace});
            break;
        case Phase::Verifying:
            if (holders_asked_) {
                act(action::EndHolders{sigkill});
            }
            break;
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::DescendantReaped&) {
    if (phase_ == Phase::Killing) {
        act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
    }
}

void Lifecycle::on(const event::TreeEmpty&) {
    if (phase_ == Phase::Draining || phase_ == Phase::Killing) {
        verify();
    }
}

void Lifecycle::on(const event::SurvivorsJudged& event) {
    if (phase_ != Phase::Killing) {
        return;
    }
    if (event.survivors == Survivors::Dying && waits_for_dying_ < most_waits_for_dying) {
        ++waits_for_dying_;
        act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
        return;
    }
    unclean_ = true;
    fail(Failure::NotCleaned);
    act(action::ReportSurvivors{});
    verify();
}

// --- signals ---------------------------------------------------------------------------------

void Lifecycle::on(const event::SignalArrived& event) {
    if (event.ends_run) {
        signal_ends_run(event);
    } else if (phase_ == Phase::Testing || phase_ == Phase::Stopping) {
        forward(event);
    }
}

void Lifecycle::signal_ends_run(const event::SignalArrived& event) {
    // A closing terminal hangs up twice: the kernel tells our group, the shell its job.
    constexpr Signal sighup{1};
    if (event.signal == sighup && first_signal_ == sighup) {
        return;
    }
    const bool second = first_signal_.has_value();
    first_signal_ = event.signal;
    if (event.from_terminal && phase_ < Phase::Killing) {
        for (Server& server : servers_) {
            server.asked = true;
        }
    }
    switch (phase_) {
        case Phase::Claiming:
            own_status_ = ExitStatus::signaled(event.signal);
            fail(Failure::Interrupted);
            finish();
            break;
        case Phase::Starting:
            own_status_ = ExitStatus::signaled(event.signal);
            fail(Failure::Interrupted);
            drain();
            break;
        case Phase::Testing:
            forward(event);
            phase_ = Phase::Stopping;
            act(action::StopTimer{Timer::TestTimeout});
            act(action::StartTimer{Timer::TestGrace, test_.grace});
            break;
        case Phase::Serving:
            stop_serving(event.signal);
            break;
        case Phase::Stopping:
            // The first signal after a timeout or a server's death may still be what the test
            // needs; a second one is "now".
            if (second) {
                kill();
            } else {
                forward(event);
            }
            break;
        case Phase::Draining:
            if (second) {
                kill();
            }
            break;
        case Phase::Verifying:
            if (holders_asked_) {
                act(action::EndHolders{sigkill});
            }
            break;
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::forward(const event::SignalArrived& event) {
    if (event.from_terminal) {
        return;
    }
    switch (signals_.forward) {
        case Forward::Test:
            act(action::SignalTest{rewritten(event.signal), event.ends_run});
            break;
        case Forward::Group:
            act(action::SignalGroup{rewritten(event.signal)});
            if (event.ends_run) {
                for (Server& server : servers_) {
                    server.asked = true;
                }
            }
            break;
    }
}

// --- time ------------------------------------------------------------------------------------

void Lifecycle::on(const event::TimerFired& event) {
    switch (event.timer) {
        case Timer::ReadyTimeout:
            if (phase_ == Phase::Starting) {
                server_failed(Failure::ServerNotReady, event.server);
            }
            break;
        case Timer::TestTimeout:
            if (phase_ == Phase::Testing) {
                own_status_ = ExitStatus::exited(exit_timed_out);
                fail(Failure::TestTimedOut);
                stop_test(sigterm);
            }
            break;
        case Timer::TestGrace:
            if (phase_ == Phase::Stopping) {
                act(action::SignalTest{sigkill, false});
                act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
            }
            break;
        case Timer::HalfGrace:
            if (phase_ == Phase::Draining && at(event.server).alive) {
                act(action::AskServer{event.server});
                act(action::AskServerTree{event.server});
            }
            break;
        case Timer::ServerGrace:
            if (phase_ == Phase::Draining && at(event.server).alive) {
                act(action::KillServer{event.server});
            }
            break;
        case Timer::LeftoverGrace:
            if (phase_ == Phase::Draining && any_server_alive()) {
                act(action::KillLeftovers{});
            } else if (phase_ == Phase::Draining) {
                kill();
            }
            break;
        case Timer::DrainLimit:
            if (phase_ == Phase::Draining) {
                kill();
            }
            break;
        case Timer::KillRound:
            if (phase_ == Phase::Killing) {
                act(action::KillEverything{});
                act(action::StartTimer{Timer::KillRound, kill_round_pause});
            }
            break;
        case Timer::KillGiveUp:
            if (phase_ == Phase::Stopping) {
                // Another user's, or in uninterruptible sleep: the rest is ended without it.
                drain();
            } else if (phase_ == Phase::Killing) {
                act(action::JudgeSurvivors{});
            }
            break;
        case Timer::PortPoll:
            if (claiming_or_verifying()) {
                act(action::LookAtPorts{});
            }
            break;
        case Timer::HolderGrace:
            if (claiming_or_verifying()) {
                act(action::EndHolders{sigkill});
            }
            break;
        case Timer::HolderGiveUp:
            if (phase_ == Phase::Claiming) {
                ports_looked_before(PortsState::Held);
            } else if (phase_ == Phase::Verifying) {
                ports_looked_after(PortsState::Held);
            }
            break;
    }
}

// --- the way down ----------------------------------------------------------------------------

void Lifecycle::server_failed(Failure why, ServerId server) {
    own_status_ = ExitStatus::exited(exit_own_failure);
    fail(why, server);
    drain();
}

void Lifecycle::stop_test(Signal signal) {
    phase_ = Phase::Stopping;
    act(action::StopTimer{Timer::TestTimeout});
    act(action::SignalTest{signal, true});
    act(action::StartTimer{Timer::TestGrace, test_.grace});
}

void Lifecycle::drain() {
    phase_ = Phase::Draining;
    act(action::StopProbes{});
    act(action::StopAllTimers{});
    act(action::AskLeftovers{});
    act(action::StartTimer{Timer::LeftoverGrace, shutdown_grace_});
    std::vector<Millis> graces;
    for (Server& server : servers_) {
        server.closing = false;
        graces.push_back(server.alive ? server.grace : Millis{0});
    }
    ask_servers();
    act(action::StartTimer{Timer::DrainLimit, std::max(shutdown_grace_, longest_drain(before_, graces))});
}

/// A server is asked when those that are after it are gone.
void Lifecycle::ask_servers() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        Server& server = servers_[i];
        if (!server.alive || server.closing || needed_by_living(i)) {
            continue;
        }
        server.closing = true;
        // A ^C that the terminal gave to the whole group was the asking: llama-server takes a
        // second signal as "abort now".
        if (!server.asked) {
            act(action::AskServer{ServerId{i}});
        }
        act(action::StartTimer{Timer::HalfGrace, server.grace / 2, ServerId{i}});
        act(action::StartTimer{Timer::ServerGrace, server.grace, ServerId{i}});
    }
}

/// To be told to stop is the regular end of serving, not a failure.
void Lifecycle::stop_serving(Signal signal) {
    constexpr Signal sigint{2};
    const bool regular = signal == sigint || signal == sigterm;
    own_status_ = regular ? ExitStatus::exited(0) : ExitStatus::signaled(signal);
    drain();
}

void Lifecycle::kill() {
    phase_ = Phase::Killing;
    act(action::StopAllTimers{});
    act(action::KillEverything{});
    act(action::StartTimer{Timer::KillRound, kill_round_pause});
    act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
}

void Lifecycle::verify() {
    phase_ = Phase::Verifying;
    act(action::StopAllTimers{});
    holders_asked_ = false;
    act(action::LookAtPorts{});
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
    if (!holders_asked_) {
        holders_asked_ = true;
        act(action::EndHolders{sigterm});
        act(action::StartTimer{Timer::HolderGrace, shutdown_grace_});
        act(action::StartTimer{Timer::HolderGiveUp, shutdown_grace_ + kill_give_up});
    }
    act(action::StartTimer{Timer::PortPoll, port_poll_pause});
}

void Lifecycle::finish() {
    phase_ = Phase::Done;
    act(action::StopAllTimers{});
    act(action::Finish{});
}

// --- small questions -------------------------------------------------------------------------

void Lifecycle::fail(Failure why, std::optional<ServerId> server) {
    // The first cause is the one to tell.
    if (failure_ == Failure::None) {
        failure_ = why;
        failed_server_ = server;
    }
}

bool Lifecycle::all_ready() const {
    return std::all_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.ready; });
}

bool Lifecycle::any_server_alive() const {
    return std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.alive; });
}

bool Lifecycle::needed_by_living(std::size_t server) const {
    for (std::size_t later = 0; later < servers_.size(); ++later) {
        const auto& before = before_[later];
        if (servers_[later].alive && std::find(before.begin(), before.end(), server) != before.end()) {
            return true;
        }
    }
    return false;
}

Signal Lifecycle::rewritten(Signal signal) const {
    const auto found = signals_.rewrite.find(signal);
    return found == signals_.rewrite.end() ? signal : found->second;
}

}  // namespace vlmshim
