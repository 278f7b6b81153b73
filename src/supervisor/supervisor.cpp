#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/report/supervisor_title.hpp"
#include "vlmshim/core/values/by_type.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/process_title.hpp"

namespace vlmshim {

namespace {

/// The test has ended, or is about to be killed: the waiting line shows what is left.
bool is_ending(Phase phase) {
    return phase >= Phase::Draining && phase < Phase::Done;
}

}  // namespace

ExitStatus Supervisor::run() {
    show_phase();
    recorder_.begin();
    events_.push(event::Started{});
    loop_.run();
    pausing_.job().give_back();
    servers_.record();
    const ExitStatus status = recorder_.finish(lifecycle_.outcome(), ports_.numbers(), report_wait_);
    write_rest();
    return status;
}

void Supervisor::handle(const Event& event) {
    if (std::holds_alternative<event::TreeEmpty>(event) && !teardown_.is_empty()) {
        return;  // an event before it has started a process
    }
    const Phase before = lifecycle_.phase();
    if (before == Phase::Done) {
        return;  // only the reader of the report is still waited for
    }
    const std::vector<Action> actions = lifecycle_.handle(event);
    if (before != lifecycle_.phase()) {
        narrator_.phase_changed(before, lifecycle_.phase());
        show_phase();
        if (is_ending(lifecycle_.phase())) {
            ending_line_.start(test_hint);
        }
        if (lifecycle_.phase() >= Phase::Draining) {
            launcher_.close_callers_descriptors();
        }
    }
    for (const Action& action : actions) {
        carry_out(action);
    }
}

void Supervisor::show_phase() const {
    title_.show(supervisor_title(lifecycle_.phase(), ports_.numbers().guarded(), title_.command_line(), title_.room()));
}

// --- what comes in ---------------------------------------------------------------------------

void Supervisor::signal_arrived(const ArrivedSignal& arrived, const SignalMeaning& meaning) {
    const Millis at = os::steady_clock();
    // Looking up the sender takes longer than passing the signal on.
    const bool pass_on_first = test_.lives() && !std::holds_alternative<meaning::EndNow>(meaning);
    if (!pass_on_first) {
        narrator_.signal_arrived(arrived.info, meaning, at);
    }
    follow(arrived, meaning);
    if (pass_on_first) {
        narrator_.signal_arrived(arrived.info, meaning, at);
    }
}

void Supervisor::follow(const ArrivedSignal& arrived, const SignalMeaning& meaning) {
    using namespace meaning;
    std::visit(ByType{
                   [](const Nothing&) {},
                   [](const TestHasIt&) {},
                   [this](const EndRun& end) {
                       const bool from_run = lifecycle_.awaits_cause() && teardown_.family().has(end.sender);
                       end_requested(event::EndRequested{end.signal, end.pass_on, end.reach, end.sender,
                                                         from_run ? event::From::Run : event::From::Outside});
                   },
                   [this](const SameRequest& same) {
                       events_.push(event::RequestRepeated{same.pass_on, same.reach, same.sender});
                       pausing_.end_pause();
                   },
                   [this](const EndNow&) { end_requested(event::EndDemanded{}); },
                   [this](const PassOn& signal) {
                       events_.push(event::SignalPassed{signal.signal, signal.sender});
                   },
                   [this](const WantsTerminal& wants) { pausing_.terminal_wanted(wants.signal); },
                   [&](const StopJob&) { pausing_.stop_job(arrived, lifecycle_.job_state()); },
                   [this](const Continue&) { pausing_.continued(); },
               },
               meaning);
}

void Supervisor::end_requested(const Event& event) {
    give_up_reader();
    events_.push(event);
    pausing_.end_pause();
}

void Supervisor::keeper_lost() {
    narrator_.keeper_lost();
    pausing_.end_pause();
    give_up_reader();
    events_.push(event::KeeperLost{});
}

void Supervisor::give_up_reader() {
    if (lifecycle_.phase() == Phase::Done) {
        report_wait_.give_up();
    }
}

void Supervisor::reused_port_lost(Port port) {
    events_.push(event::ReusedPortLost{port, servers_.with_port(port)});
}

void Supervisor::reap() {
    const os::WaitRound round = os::reap_children();
    if (round.more) {
        inbox_.look_at_children_after(round.reaped.empty() ? reap_again : Millis{0});
    }
    for (const os::StoppedChild& stopped : round.stopped) {
        if (stopped.pid == test_.pid()) {
            narrator_.test_stopped(stopped.signal);
            pausing_.test_stopped(stopped.signal);
        }
    }
    teardown_.reaped(round);
    events_.push_together([&] { recognise(round); });
    // Only now: the answer of a probe means nothing when its server has ended.
    events_.push_together([&] {
        for (const os::Reaped& reaped : round.reaped) {
            servers_.recognise_probe(reaped.pid, reaped.status);
        }
    });
    teardown_.report_if_empty();
    if (teardown_.must_poll()) {
        events_.push_together([&] { servers_.check_background(); });
        inbox_.look_at_children_after(search_again);
    }
}

/// The test first: a server that ended in the same round did not fail it.
void Supervisor::recognise(const os::WaitRound& round) {
    const auto test = std::find_if(round.reaped.begin(), round.reaped.end(), [this](const os::Reaped& reaped) {
        return test_.lives() && reaped.pid == test_.pid();
    });
    if (test != round.reaped.end()) {
        if (test->status.kind == ExitStatus::Kind::Signaled) {
            pausing_.job().restore_modes();
        }
        test_.ended(test->status);
    }
    for (const os::Reaped& reaped : round.reaped) {
        servers_.recognise(reaped.pid, reaped.status);
    }
}

// --- what goes out ---------------------------------------------------------------------------

/// The clean-up is over, only lines are left to write. A signal that asks for the end shortens the wait.
void Supervisor::write_rest() {
    const bool is_pid_one = os::own_pid().value == 1;
    const bool seconds_count = is_pid_one ? lifecycle_.outcome().ended_by.has_value() : !link_.is_up();
    const auto wait = [this](int room, Millis limit) {
        os::wait_writable(room, {inbox_.descriptor(), link_.descriptor()}, limit);
        return inbox_.asks_for_end(link_.take_relayed()) ? Writer::Hurry::Yes : Writer::Hurry::No;
    };
    writer_.write_rest(seconds_count ? short_unread_limit : unread_limit, wait);
}

ExitStatus supervise(const RunSetup& setup, int link) {
    const std::string run = to_string(os::complete(setup.mark.id, os::own_pid()));
    const os::ArgumentMemory nothing;
    const bool is_pid_one = link < 0;  // a container's PID 1 is recognised by its command line: that stays
    const SystemSockets sockets;
    SystemProcesses processes(setup.mark.id.token);
    SystemTerminal terminal;
    JobControl job(terminal);
    RunScope scope = prepare_scope(setup.config, setup.inheritance, run, setup.log);
    const ExitStatus status = Supervisor({.setup = setup,
                                          .sockets = sockets,
                                          .processes = processes,
                                          .job = job,
                                          .scope = scope,
                                          .run = run,
                                          .link = link,
                                          .title = is_pid_one ? nothing : setup.inheritance.arguments})
                                  .run();
    leave_scope(scope);
    return status;
}

}  // namespace vlmshim
