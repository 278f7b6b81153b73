// The parts of a run in the order in which they are made, and what they need of each other.
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace vlmshim {

Supervisor::Supervisor(const RunBasis& basis)
    : title_(basis.title),
      writer_(basis.setup.writer),
      late_lines_(loop_, basis.setup.writer),
      report_wait_(loop_),
      recorder_(basis.setup.config, basis.run, basis.sockets, basis.processes, basis.setup.reports, basis.setup.summary,
                basis.setup.log),
      narrator_(basis.setup.config, basis.processes, loop_, basis.setup.log, recorder_),
      lifecycle_(basis.setup.config),
      events_([this](const Event& event) { handle(event); }),
      teardown_(basis.processes, basis.scope, recorder_.ended(), narrator_, basis.setup.log, loop_, for_ownership(),
                for_teardown()),
      reused_ports_(loop_, basis.sockets, loop::watch_processes(loop_), [this](Port port) { reused_port_lost(port); }),
      ports_(basis.setup.config, basis.sockets, basis.processes, recorder_.ended(), basis.setup.log,
             [this](Port port) { reused_ports_.watch(port); }),
      launcher_(basis.setup.config, ports_.numbers(), basis.setup.inheritance, basis.run,
                basis.scope.pid_namespace.mounts.get(), [this] { teardown_.something_started(); }),
      servers_(for_servers(basis)),
      test_(basis.setup.config.test, launcher_, narrator_, recorder_, report()),
      timers_(loop_, report()),
      link_(loop_, basis.link, for_link()),
      pausing_(basis.job, basis.processes, teardown_.stopping(), loop_, for_pausing()),
      inbox_(loop_, basis.setup.config.signals, basis.setup.inheritance.signals, for_inbox()),
      ending_line_(basis.setup.config, basis.job, loop_, basis.setup.log,
                   [this] { return waiting_for_end(ending()); }) {}

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
    return {.config = basis.setup.config,
            .loop = loop_,
            .launcher = launcher_,
            .ports = ports_,
            .family = teardown_.family(),
            .sockets = basis.sockets,
            .processes = basis.processes,
            .narrator = narrator_,
            .recorder = recorder_,
            .job = basis.job,
            .log = basis.setup.log,
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
            .send_to_keeper = [this](const os::ToKeeper& message) { return link_.send(message); },
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
            .share = [this](Signal signal) { link_.send(os::to_keeper::Shared{signal}); },
            .arrived = [this](const ArrivedSignal& arrived,
                              const SignalMeaning& meaning) { signal_arrived(arrived, meaning); }};
}

}  // namespace vlmshim
