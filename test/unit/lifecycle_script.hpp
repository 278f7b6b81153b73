// A Lifecycle driven by hand, and its actions as text, so that the policy table reads as a table.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim::test {

inline std::string timer_name(Timer timer) {
    switch (timer) {
        case Timer::ReadyTimeout:
            return "ready-timeout";
        case Timer::TestTimeout:
            return "test-timeout";
        case Timer::TestGrace:
            return "test-grace";
        case Timer::HalfGrace:
            return "half-grace";
        case Timer::ServerGrace:
            return "server-grace";
        case Timer::LeftoverGrace:
            return "leftover-grace";
        case Timer::DrainLimit:
            return "drain-limit";
        case Timer::TestHint:
            return "test-hint";
        case Timer::TestGiveUp:
            return "test-give-up";
        case Timer::SameRequest:
            return "same-request";
        case Timer::PortPoll:
            return "port-poll";
        case Timer::HolderGrace:
            return "holder-grace";
        case Timer::HolderGiveUp:
            return "holder-give-up";
    }
    return "?";
}

struct ActionText {
    static std::string id(ServerId server) { return std::to_string(index_of(server)); }

    /// Those processes are left out that the terminal has signalled already.
    static std::string but(Reach reach) { return reach == Reach::Group ? ":but-group" : ""; }

    std::string operator()(const action::LookAtPorts& a) const {
        return a.when == LookTime::Before ? "look-at-ports" : "look-at-ports-after";
    }
    std::string operator()(const action::EndHolders& a) const { return "end-holders:" + signal_name(a.signal); }
    std::string operator()(const action::StartServer& a) const { return "start-server:" + id(a.server); }
    std::string operator()(const action::ChangePort& a) const { return "change-port:" + id(a.server); }
    std::string operator()(const action::StopProbes&) const { return "stop-probes"; }
    std::string operator()(const action::StartTest&) const { return "start-test"; }
    std::string operator()(const action::Serve&) const { return "serve"; }
    std::string operator()(const action::SignalTest& a) const {
        return "signal-test:" + signal_name(a.signal) + (a.wake == Wake::Yes ? "+wake" : "");
    }
    std::string operator()(const action::KillTest&) const { return "kill-test"; }
    std::string operator()(const action::SignalGroup& a) const {
        return "signal-group:" + signal_name(a.signal) +
               (a.sender.value == 0 ? "" : " but " + std::to_string(a.sender.value));
    }
    std::string operator()(const action::StopServer& a) const { return "stop-server:" + id(a.server) + but(a.reach); }
    std::string operator()(const action::StopServerTree& a) const { return "stop-tree:" + id(a.server) + but(a.reach); }
    std::string operator()(const action::StopLeftovers& a) const {
        return a.blame == Blame::Test ? "stop-tests-leftovers" : "stop-leftovers";
    }
    std::string operator()(const action::CollectEnded&) const { return "collect"; }
    std::string operator()(const action::KillServer& a) const {
        return "kill-server:" + id(a.server) + (a.reason == KillReason::OtherPort ? ":other-port" : "");
    }
    std::string operator()(const action::KillLeftovers&) const { return "kill-leftovers"; }
    std::string operator()(const action::KillEverything& a) const {
        return a.reason == KillReason::Demanded ? "kill-everything:demanded" : "kill-everything";
    }
    std::string operator()(const action::StartTimer& a) const {
        const bool of_server =
            a.timer == Timer::ReadyTimeout || a.timer == Timer::HalfGrace || a.timer == Timer::ServerGrace;
        return timer_name(a.timer) + (of_server ? ":" + id(a.server) : "") + "=" + std::to_string(a.after.count());
    }
    std::string operator()(const action::StopTimer& a) const { return "stop:" + timer_name(a.timer); }
    std::string operator()(const action::StopAllTimers&) const { return "stop-timers"; }
    std::string operator()(const action::ReportSurvivors&) const { return "report-survivors"; }
    std::string operator()(const action::ReportHolders&) const { return "report-holders"; }
    std::string operator()(const action::ReportServerEnded& a) const {
        switch (a.what) {
            case ServerEnd::Expected:
                return "report:expected";
            case ServerEnd::Ignored:
                return "report:ignored";
            case ServerEnd::BeforeReady:
                return "report:before-ready";
            case ServerEnd::BeforeTest:
                return "report:before-test";
            case ServerEnd::WhileServing:
                return "report:while-serving";
            case ServerEnd::UnderTest:
                return "report:under-test";
        }
        return "?";
    }
    std::string operator()(const action::ReportInBackground& a) const { return "report:in-background:" + id(a.server); }
    std::string operator()(const action::ReportListenerLost& a) const { return "report:listener-lost:" + id(a.server); }
    std::string operator()(const action::ReportTestStillThere& a) const {
        return "report:still-there=" + std::to_string(a.left.count());
    }
    std::string operator()(const action::ReportReusedPortLost& a) const {
        return a.test == action::GoesOn::Yes ? "report:port-lost,test-goes-on" : "report:port-lost";
    }
    std::string operator()(const action::Finish&) const { return "finish"; }
};

inline std::string as_text(const std::vector<Action>& actions) {
    std::string text;
    for (const Action& action : actions) {
        text += (text.empty() ? "" : " ") + std::visit(ActionText{}, action);
    }
    return text;
}

inline constexpr Signal hup{1};
inline constexpr Signal interrupt{2};
inline constexpr Signal usr1{10};
inline constexpr Signal term{15};

inline Event sent(Signal signal) {
    return signal == usr1 ? Event{event::SignalPassed{signal, Pid{}}}
                          : Event{event::EndRequested{signal, signal, Reach::OnlyUs}};
}
inline Event typed(Signal signal) {
    return event::EndRequested{signal, std::nullopt, Reach::Group};
}

/// test grace 5 s, shutdown grace 3 s, one server (grace 2 s, ready within 60 s).
inline Config one_server() {
    Config config;
    config.servers.emplace_back();
    config.servers[0].grace = Millis{2000};
    config.servers[0].ready.timeout = Millis{60'000};
    config.test.command = {"test"};
    config.test.timeout = Millis{30'000};
    return config;
}

/// Brings a fresh lifecycle to the phase by its shortest way; `servers` of the config become ready.
inline Lifecycle in_phase(Config config, Phase phase) {
    if (phase == Phase::Serving) {
        config.test.command.clear();
    }
    Lifecycle lifecycle(config);
    const auto go = [&](const Event& event) { (void)lifecycle.handle(event); };
    go(event::Started{});
    if (phase == Phase::Claiming) {
        return lifecycle;
    }
    go(event::PortsLooked{PortsState::Free});
    if (phase == Phase::Starting) {
        return lifecycle;
    }
    for (std::size_t i = 0; i < config.servers.size(); ++i) {
        go(event::ServerReady{ServerId{i}});
    }
    if (phase == Phase::Testing || phase == Phase::Serving) {
        return lifecycle;
    }
    if (phase == Phase::Stopping) {
        go(event::TimerFired{Timer::TestTimeout});
        return lifecycle;
    }
    go(event::TestExited{ExitStatus::exited(0)});
    if (phase == Phase::Draining) {
        return lifecycle;
    }
    if (phase == Phase::Killing) {
        go(event::TimerFired{Timer::DrainLimit});
        return lifecycle;
    }
    go(event::TreeEmpty{});
    if (phase == Phase::Verifying) {
        return lifecycle;
    }
    go(event::PortsLooked{PortsState::Free});
    return lifecycle;
}

}  // namespace vlmshim::test
