#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/report/supervisor_title.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/process_title.hpp"

namespace vlmshim {

namespace {

/// The test is over, or will be killed: what is waited for now is told.
bool is_ending(Phase phase) {
    return phase >= Phase::Draining && phase < Phase::Done;
}

}  // namespace

Supervisor::Supervisor(const RunBasis& basis)
    : title_(basis.title),
      writer_(basis.writer),
      late_lines_(loop_, basis.writer),
      report_wait_(loop_),
      recorder_(basis.config, basis.run, basis.sockets, basis.processes, basis.report, basis.log),
      narrator_(basis.config, basis.processes, loop_, basis.log, recorder_),
      lifecycle_(basis.config),
      events_([this](const Event& event) { handle(event); }),
      teardown_(basis.processes, basis.scope, recorder_.ended(), narrator_, basis.log, loop_, for_ownership(),
                for_teardown()),
      reused_ports_(loop_, basis.sockets, loop::watch_processes(loop_), [this](Port port) { reused_port_lost(port); }),
      ports_(basis.config, basis.sockets, basis.processes, recorder_.ended(), basis.log,
             [this](Port port) { reused_ports_.watch(port); }),
      launcher_(basis.config, ports_.numbers(), basis.inheritance, basis.run, basis.scope.pid_namespace.mounts.get(),
                [this] { teardown_.something_started(); }),
      servers_(for_servers(basis)),
      test_(basis.config.test, launcher_, narrator_, recorder_, report()),
      timers_(loop_, report()),
      link_(loop_, basis.link, for_link()),
      pausing_(basis.job, basis.processes, teardown_.stopping(), loop_, for_pausing()),
      inbox_(loop_, basis.config.signals, basis.inheritance.signals, for_inbox()),
      ending_line_(basis.config, basis.job, loop_, basis.log, [this] { return waiting_for_end(ending()); }) {}

PushEvent Supervisor::report() {
    return [this](const Event& event) { events_.push(event); };
}

Teardown::Hooks Supervisor::for_teardown() {
    return {.living_servers = [this] { return servers_.living(); },
            .main_processes_live = [this] { return test_.lives() || servers_.have_processes(); },
            .reap = [this] { reap(); },
            .report = report()};
}

Ownership::Hooks Supervisor::for_ownership() {
    return {.servers = [this] { return servers_.as_owners(); },
            .by_port = [this](const std::vector<Pid>& processes) { return ports_.servers_of(processes); }};
}

ServerSurroundings Supervisor::for_servers(const RunBasis& basis) {
    return {.config = basis.config,
            .loop = loop_,
            .launcher = launcher_,
            .ports = ports_,
            .family = teardown_.family(),
            .sockets = basis.sockets,
            .processes = basis.processes,
            .narrator = narrator_,
            .recorder = recorder_,
            .job = basis.job,
            .log = basis.log,
            .report = report()};
}

KeeperLink::Hooks Supervisor::for_link() {
    return {.relayed = [this](const SignalInfo& info) { inbox_.take_relayed(info); },
            .continued = [this] { pausing_.job_continued(); },
            .lost = [this] { keeper_lost(); }};
}

Pausing::Hooks Supervisor::for_pausing() {
    return {.test = [this] { return test_.pid(); },
            .servers = [this] { return servers_.processes(); },
            .tell_keeper =
                [this](const os::ToKeeper& message) {
                    return link_.tell(message) == os::Sent::Yes ? Pausing::Told::Yes : Pausing::Told::No;
                },
            .is_pid_one = [] { return os::own_pid().value == 1; },
            .pause =
                [this] {
                    timers_.pause();
                    servers_.pause_probes();
                    ending_line_.pause();
                },
            .resume =
                [this] {
                    timers_.resume();
                    servers_.resume_probes();
                    ending_line_.resume();
                }};
}

Inbox::Hooks Supervisor::for_inbox() {
    return {.children_changed = [this] { reap(); },
            .terminal_owner = [this] { return pausing_.job().owner(); },
            .share = [this](Signal signal) { link_.tell(os::to_keeper::Shared{signal}); },
            .arrived = [this](const ArrivedSignal& arrived,
                              const SignalMeaning& meaning) { signal_arrived(arrived, meaning); }};
}

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
        return;  // what was dealt with since has started something
    }
    const Phase before = lifecycle_.phase();
    if (before == Phase::Done) {
        return;  // only the report's reader is waited for
    }
    const std::vector<Action> actions = lifecycle_.handle(event);
    if (before != lifecycle_.phase()) {
        narrator_.phase_changed(before, lifecycle_.phase());
        show_phase();
        if (is_ending(lifecycle_.phase())) {
            ending_line_.start(test_hint);
        }
        if (lifecycle_.phase() >= Phase::Draining) {
            launcher_.let_go_of_callers_descriptors();
        }
    }
    for (const Action& action : actions) {
        carry_out(action);
    }
}

/// At each change only: nothing wakes up for it.
void Supervisor::show_phase() const {
    title_.show(supervisor_title(lifecycle_.phase(), ports_.numbers().guarded(), title_.command_line(), title_.room()));
}

// --- what comes in ---------------------------------------------------------------------------

void Supervisor::signal_arrived(const ArrivedSignal& arrived, const SignalMeaning& meaning) {
    // To look up who sent it takes longer than to pass it on.
    const bool pass_on_first = test_.lives() && !std::holds_alternative<meaning::EndNow>(meaning);
    if (!pass_on_first) {
        narrator_.signal_came(arrived.info, meaning);
    }
    follow(arrived, meaning);
    if (pass_on_first) {
        narrator_.signal_came(arrived.info, meaning);
    }
}

void Supervisor::follow(const ArrivedSignal& arrived, const SignalMeaning& meaning) {
    const bool ends =
        std::holds_alternative<meaning::EndRun>(meaning) || std::holds_alternative<meaning::EndNow>(meaning);
    if (ends && lifecycle_.phase() == Phase::Done) {
        report_wait_.give_up();
    }
    if (const auto* end = std::get_if<meaning::EndRun>(&meaning)) {
        events_.push(event::EndRequested{end->signal, end->pass_on, end->reach, end->sender});
        pausing_.go_on();
    } else if (const auto* same = std::get_if<meaning::SameRequest>(&meaning)) {
        events_.push(event::RequestRepeated{same->pass_on, same->reach, same->sender});
        pausing_.go_on();
    } else if (std::holds_alternative<meaning::EndNow>(meaning)) {
        events_.push(event::EndDemanded{});
        pausing_.go_on();
    } else if (const auto* pass_on = std::get_if<meaning::PassOn>(&meaning)) {
        events_.push(event::SignalPassed{pass_on->signal, pass_on->sender});
    } else if (const auto* wants = std::get_if<meaning::WantsTerminal>(&meaning)) {
        pausing_.terminal_wanted(wants->signal);
    } else if (std::holds_alternative<meaning::StopJob>(meaning)) {
        pausing_.stop_job(arrived, lifecycle_.job_state());
    } else if (std::holds_alternative<meaning::Continue>(meaning)) {
        pausing_.continued();
    }
}

void Supervisor::keeper_lost() {
    narrator_.keeper_lost();
    pausing_.go_on();
    if (lifecycle_.phase() == Phase::Done) {
        report_wait_.give_up();
    }
    events_.push(event::KeeperLost{});
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
    // Not before: what a server was asked means nothing when the server has ended.
    events_.push_together([&] {
        for (const os::Reaped& reaped : round.reaped) {
            servers_.recognise_probe(reaped.pid, reaped.status);
        }
    });
    teardown_.tell_if_empty();
    if (teardown_.has_to_search()) {
        events_.push_together([&] { servers_.look_into_background(); });
        inbox_.look_at_children_after(search_again);
    }
}

/// The test first: what happened to a server in the same instant is no longer its concern.
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

/// Everything is over but the reading. Whoever asks for the end now, does not wait for it.
void Supervisor::write_rest() {
    const bool is_pid_one = os::own_pid().value == 1;
    const bool seconds_count = is_pid_one ? lifecycle_.outcome().ended_by.has_value() : !link_.is_up();
    const auto wait = [this](int room, Millis limit) {
        os::wait_writable(room, {inbox_.descriptor(), link_.descriptor()}, limit);
        return inbox_.asks_for_end(link_.take_relayed()) ? Writer::Hurry::Yes : Writer::Hurry::No;
    };
    writer_.write_rest(seconds_count ? short_unread_limit : unread_limit, wait);
}

ExitStatus supervise(const Config& config, const os::Inheritance& inheritance, const os::RunMark& mark,
                     ReportFile& report, Log& log, Writer& writer, int link) {
    const std::string run = to_string(os::complete(mark.id, os::own_pid()));
    const os::ArgumentMemory nothing;
    const bool is_pid_one = link < 0;  // known by what the container was told to run
    const SystemSockets sockets;
    SystemProcesses processes(mark.id.token);
    SystemTerminal terminal;
    JobControl job(terminal);
    RunScope scope = prepare_scope(config, inheritance, run, log);
    const ExitStatus status = Supervisor({config, inheritance, log, writer, sockets, processes, job, scope, report, run,
                                          link, is_pid_one ? nothing : inheritance.arguments})
                                  .run();
    leave_scope(scope);
    return status;
}

}  // namespace vlmshim
