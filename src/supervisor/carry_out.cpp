// Each action, and the part that carries it out.
#include "vlmshim/core/values/by_type.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace vlmshim {

void Supervisor::carry_out(const Action& action) {
    using namespace action;
    std::visit(
        ByType{
            [this](const LookAtPorts& look) { look_at_ports(look.when); },
            [this](const EndHolders& end) { ports_.end_holders(end.signal); },
            [this](const ReportHolders&) { ports_.report_holders(); },
            [this](const StartServer& start) { servers_.start(start.server); },
            [this](const ChangePort& change) { servers_.at(change.server).change_port(); },
            [this](const StopProbes&) { servers_.stop_probes(); },
            [this](const StopServer& stop) { teardown_.stop_server(stop.server, stop.reach); },
            [this](const StopServerTree& stop) { teardown_.stop_server_tree(stop.server, stop.reach); },
            [this](const KillServer& kill) { kill_server(kill); },
            [this](const ReportServerEnded& ended) {
                narrator_.server_ended(servers_.at(ended.server).config(), ended.status, ended.what);
            },
            [this](const ReportInBackground& one) {
                narrator_.server_in_background(servers_.at(one.server).config(), servers_.at(one.server).processes());
            },
            [this](const ReportListenerLost& lost) { servers_.at(lost.server).log_listener_lost(); },
            [this](const ReportTestStillThere& test) { narrator_.test_still_there(test.left, place()); },
            [this](const ReportReusedPortLost& lost) { narrator_.reused_port_lost(lost); },
            [this](const StartTest&) { start_test(); },
            [this](const Serve&) { serve(); },
            [this](const SignalTest& signal) {
                if (test_.lives()) {
                    teardown_.stopping().pass_on(test_.pid(), signal.signal, signal.wake);
                }
            },
            [this](const KillTest&) { kill_test(); },
            [this](const SignalGroup& signal) { teardown_.stopping().pass_on_to_group(signal.signal, signal.sender); },
            [this](const StopLeftovers& stop) { teardown_.stop_leftovers(stop.blame); },
            [this](const CollectEnded&) { reap(); },
            [this](const KillLeftovers&) { teardown_.kill_leftovers(); },
            [this](const KillEverything& kill) { teardown_.kill_everything(kill.reason); },
            [this](const ReportSurvivors&) { teardown_.report_survivors(); },
            [this](const StartTimer& timer) { timers_.start(timer); },
            [this](const StopTimer& timer) { timers_.stop(timer); },
            [this](const StopAllTimers&) { timers_.stop_all(); },
            [this](const Finish& finished) { finish(finished.outcome); },
        },
        action);
}

void Supervisor::look_at_ports(LookTime when) {
    if (when == LookTime::Before) {
        recorder_.look_at_ports_before();
    }
    events_.push(event::PortsLooked{ports_.look(when)});
    if (when == LookTime::Before) {
        ports_.watch_reused();
    }
}

void Supervisor::start_test() {
    servers_.stop_waiting();
    teardown_.note_before_test();
    test_.start();
    servers_.watch_listeners();
}

void Supervisor::serve() {
    servers_.stop_waiting();
    servers_.watch_listeners();
    launcher_.close_callers_descriptors();
    narrator_.serving(ports_.numbers().guarded(), place());
}

Narrator::Place Supervisor::place() {
    return pausing_.job().in_foreground() ? Narrator::Place::Foreground : Narrator::Place::Background;
}

void Supervisor::kill_test() {
    if (test_.lives()) {
        narrator_.test_killed();
        teardown_.stopping().pass_on(test_.pid(), sigkill, Wake::No);
    }
}

void Supervisor::kill_server(const action::KillServer& kill) {
    const Server& server = servers_.at(kill.server);
    if (!server.lives()) {
        return;
    }
    switch (kill.reason) {
        case KillReason::GraceOver:
            narrator_.server_killed(server.config());
            break;
        case KillReason::Demanded:
        case KillReason::OtherPort:
            break;
    }
    teardown_.kill_server(kill.server);
}

Ending Supervisor::ending() {
    Ending ending{.phase = lifecycle_.phase(),
                  .test_lives = test_.lives(),
                  .servers = {},
                  .leftovers = teardown_.leftovers(),
                  .leftovers_left = timers_.left(Timer::LeftoverGrace),
                  .drain_left = timers_.left(Timer::DrainLimit),
                  .ports = {},
                  .holders_left = timers_.left(Timer::HolderGrace),
                  .was_signalled = inbox_.was_asked_to_end()};
    for (const ServerId server : servers_.living()) {
        if (ending.phase != Phase::Draining || lifecycle_.is_closing(server)) {
            ending.servers.push_back({servers_.at(server).config().name, timers_.left(Timer::ServerGrace, server)});
        }
    }
    if (timers_.left(Timer::HolderGiveUp)) {
        ending.ports = ports_.to_be_free();
    }
    return ending;
}

void Supervisor::finish(const Outcome& outcome) {
    ending_line_.stop();
    servers_.finish_output();
    const std::string why_busy = outcome.failure == Failure::PortBusy ? ports_.why_busy() : std::string();
    narrator_.end({outcome, servers_.views(), teardown_.family().seen(), ports_.to_be_free(), why_busy});
    loop_.stop();
}

}  // namespace vlmshim
