#include "vlmshim/supervisor/server.hpp"

#include <algorithm>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/report/ready_hint.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/loop/net_probe.hpp"
#include "vlmshim/os/unix_socket.hpp"

namespace vlmshim {

Server::Server(ServerId id, const ServerSurroundings& around)
    : id_(id),
      around_(around),
      probe_process_(id, around.launcher, around.processes, around.loop),
      output_(config(), around.config, around.loop, around.log),
      hints_(around.loop, {.look = [this] { return look_for_hint(); },
                           .found = [this](const std::string& hint) { around_.narrator.ready_hint(config(), hint); }}),
      listener_(id, around) {}

void Server::start() {
    if (around_.ports.is_not_ours(id_)) {
        around_.report(event::ServerReused{id_});
    } else {
        const auto outcome = output_.start(around_.launcher, id_);
        const std::string command = join_command(around_.launcher.command_of(id_));
        if (const auto* error = std::get_if<os::SpawnError>(&outcome)) {
            around_.narrator.server_not_started(command, around_.launcher.why_not_started(id_, *error));
            around_.report(event::ServerNotSpawned{id_});
            return;
        }
        pid_ = std::get<Pid>(outcome);
        was_started_ = true;
        around_.narrator.server_started(config().name, pid_, command);
    }
    prepare_probe();
    around_.recorder.server_started(id_, pid_, readiness_->target());
    hints_.start();
    readiness_->start();  // last: it may be ready at once, which stops the hints
}

void Server::prepare_probe() {
    if (readiness_) {
        return;
    }
    Readiness::Hooks hooks;
    hooks.checks = ready_hooks();
    hooks.ready = [this] {
        was_ready_ = true;
        hints_.stop();
        around_.narrator.server_ready(view());
        around_.recorder.server_ready(id_, [this] { return listening(); });
        around_.report(event::ServerReady{id_});
    };
    hooks.impersonated = [this] { around_.report(event::ServerImpersonated{id_}); };
    const Whose whose = around_.ports.is_not_ours(id_) ? Whose::NotOurs : Whose::Ours;
    readiness_ = std::make_unique<Readiness>(around_.loop, config().ready, port(), whose, std::move(hooks));
}

ReadyHooks Server::ready_hooks() {
    return {.ask_network = loop::ask_network(around_.loop),
            .run_command = [this](const ProbeCommand& command) { return probe_process_.start(command); },
            .kill_command = [this] { probe_process_.kill(); },
            .owner_of = [this](const auto& address, Port where) { return owner_of(address, where); },
            .why_no_match = [this] { return output_.why_no_match(); },
            .try_unix =
                [](const std::string& path) {
                    const std::error_code error = os::try_unix_socket(path);
                    return error ? path + ": " + error.message() : std::string();
                }};
}

std::string Server::look_for_hint() {
    UnreadyFacts facts{
        .port = port(),
        .listens = !port() || !lives(),
        .unwanted_status = readiness_->unwanted_for() < ready_hint_late ? 0 : readiness_->unwanted_status(),
        .waited = readiness_->waited()};
    const std::vector<Pid> its = around_.processes_of(id_);
    const std::vector<Listener> all = around_.sockets.all_listeners();
    const HoldersBySocket holders(around_.sockets.holders_among(its, all));
    for (const Listener& listener : all) {
        if (!holders.of(listener).empty()) {
            facts.listens = facts.listens || listener.port == port();
            facts.elsewhere.push_back(describe_address(listener));
        }
    }
    if (facts.waited >= ready_hint_late) {
        facts.unix_sockets = around_.sockets.unix_sockets_of(its);
    }
    return ready_hint(config(), facts);
}

/// With owner = "any" every listener counts.
ListenerOwner Server::owner_of(const std::optional<Address>& address, Port where) {
    ListenerOwner owner =
        around_.ports.owner_of(address, where, [this] { return around_.family.of_server_or_none(id_); });
    if (owner.kind == ListenerOwner::Kind::Unknown) {
        around_.narrator.owner_unknown(config().name, where);
    }
    if (owner.kind == ListenerOwner::Kind::Foreign) {
        if (config().owner == PortOwner::Any) {
            owner.kind = ListenerOwner::Kind::Unknown;
        } else {
            around_.recorder.stranger_seen(id_, owner.description);
        }
    }
    if (owner.kind == ListenerOwner::Kind::Ours) {
        listener_.note(owner.pid);
    }
    return owner;
}

/// On its port, now; of one that another process runs, whoever does.
std::optional<RunReport::Listening> Server::listening() {
    if (!port() || (config().external && !is_on_this_machine(config().ready, *port()))) {
        return std::nullopt;
    }
    const std::vector<Listener> listeners = around_.sockets.listeners_on({*port()}).listeners;
    const bool is_its_own = config().owner == PortOwner::Tree && !around_.ports.is_not_ours(id_);
    return listening_among(is_its_own ? around_.sockets.holders_among(around_.processes_of(id_), listeners)
                                      : around_.sockets.holders_of(listeners),
                           listeners, around_.processes);
}

void Server::change_port() {
    const Port lost = port().value_or(auto_port);
    readiness_->stop();
    retired_probes_.push_back(std::move(readiness_));
    around_.narrator.port_changed(config().name, lost, around_.ports.change(id_));
}

void Server::recognise(Pid reaped, ExitStatus status) {
    if (pid_.value != 0 && reaped == pid_) {
        pid_ = Pid{};
        ended(status);
    } else if (std::find(background_.begin(), background_.end(), reaped) != background_.end()) {
        ended(status);
    }
}

/// Its main process has, or one in the background. The processes that are left are the server from now on.
void Server::ended(ExitStatus status) {
    output_.finish();
    if (!was_ready_ && status.success()) {
        around_.family.adopt_unknown(id_);
    }
    background_.clear();
    for (const Descendant& process : around_.family.roots_of(id_)) {
        background_.push_back(process.identity.pid);
    }
    if (!end_ && (background_.empty() || !status.success())) {
        end_ = status;
        around_.recorder.server_ended(id_, status);
    }
    const bool lost =
        !lives() && !was_ready_ && around_.ports.is_lost(id_, [this] { return around_.family.of_server_or_none(id_); });
    around_.report(event::ServerExited{id_, status, lost ? event::ItsPort::Lost : event::ItsPort::Kept,
                                       lives() ? event::StillThere::Processes : event::StillThere::Nothing});
}

void Server::check_background() {
    if (!background_.empty() && around_.family.roots_of(id_).empty()) {
        ended(end_.value_or(ExitStatus::exited(0)));
    }
}

std::vector<Pid> Server::processes() const {
    return pid_.value != 0 ? std::vector{pid_} : background_;
}

void Server::recognise_probe(Pid reaped, ExitStatus status) {
    if (probe_process_.recognise(reaped) && readiness_) {
        readiness_->command_ended(status, probe_process_.output());
    }
}

void Server::watch_listener() {
    const bool is_run_by_another = config().external || config().owner == PortOwner::Any;
    if (is_run_by_another && port() && is_on_this_machine(config().ready, *port()) &&
        !around_.ports.is_reused(*port()) && !around_.sockets.listeners_on({*port()}).listeners.empty()) {
        around_.ports.watch(*port());
    }
    if (lives() && port() && !is_run_by_another) {
        listener_.watch();
    }
}

void Server::stop_probe() {
    listener_.stop();
    hints_.stop();
    if (readiness_) {
        readiness_->stop();
    }
}

void Server::pause_probe() {
    hints_.stop();
    if (readiness_) {
        readiness_->pause();
    }
}

void Server::resume_probe() {
    if (readiness_) {
        readiness_->resume();
        if (readiness_->running()) {
            hints_.start();
        }
    }
}

ServerView Server::view() const {
    ServerView view{.config = config(), .was_started = was_started_, .end = end_};
    if (readiness_) {
        view.probe = ProbeView{.target = readiness_->target(),
                               .last_answer = readiness_->last_answer(),
                               .impostor = readiness_->impostor(),
                               .waited = readiness_->waited(),
                               .running = readiness_->running(),
                               .impostor_is_beside = readiness_->is_beside_ours(),
                               .hint = hints_.last()};
    }
    view.output = [this] { return output_.lines(); };
    return view;
}

void Server::record() const {
    if (readiness_) {
        around_.recorder.answered(id_, readiness_->history());
    }
    if (was_started_) {
        around_.recorder.wrote(id_, output_.report());
    }
}

}  // namespace vlmshim
