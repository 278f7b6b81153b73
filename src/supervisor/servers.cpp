#include "vlmshim/supervisor/servers.hpp"

#include <algorithm>

namespace vlmshim {

Servers::Servers(ServerSurroundings around)
    : around_(std::move(around)),
      waiting_(around_.config, around_.job, around_.loop, around_.log, [this] { return unready(); }) {
    for (std::size_t i = 0; i < around_.config.servers.size(); ++i) {
        servers_.emplace_back(ServerId{i}, around_);
    }
}

void Servers::start(ServerId server) {
    at(server).start();
    waiting_.start();
}

void Servers::recognise(Pid reaped, ExitStatus status) {
    for (Server& server : servers_) {
        server.recognise(reaped, status);
    }
}

void Servers::recognise_probe(Pid reaped, ExitStatus status) {
    for (Server& server : servers_) {
        server.recognise_probe(reaped, status);
    }
}

void Servers::check_background() {
    for (Server& server : servers_) {
        server.check_background();
    }
}

std::vector<ServerId> Servers::living() const {
    std::vector<ServerId> living;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i].lives()) {
            living.push_back(ServerId{i});
        }
    }
    return living;
}

std::vector<Pid> Servers::processes() const {
    std::vector<Pid> all;
    for (const Server& server : servers_) {
        const std::vector<Pid> its = server.processes();
        all.insert(all.end(), its.begin(), its.end());
    }
    return all;
}

std::vector<OwningServer> Servers::as_owners() const {
    std::vector<OwningServer> owners;
    for (const Server& server : servers_) {
        owners.push_back(server.as_owner());
    }
    return owners;
}

bool Servers::have_processes() const {
    return std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.has_processes(); });
}

std::optional<ServerId> Servers::with_port(Port port) const {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (around_.ports.of(ServerId{i}) == std::optional(port)) {
            return ServerId{i};
        }
    }
    return std::nullopt;
}

void Servers::watch_listeners() {
    for (Server& server : servers_) {
        server.watch_listener();
    }
}

void Servers::pause_probes() {
    for (Server& server : servers_) {
        server.pause_probe();
    }
    waiting_.pause();
}

void Servers::resume_probes() {
    for (Server& server : servers_) {
        server.resume_probe();
    }
    waiting_.resume();
}

void Servers::stop_probes() {
    for (Server& server : servers_) {
        server.stop_probe();
    }
    stop_waiting();
}

WaitingText Servers::unready() const {
    std::vector<UnreadyServer> unready;
    for (const Server& server : servers_) {
        if (const auto probe = server.view().probe; probe && probe->running) {
            unready.push_back({server.config().name, probe->target, probe->last_answer, probe->waited});
        }
    }
    return waiting_for_servers(unready);
}

std::vector<ServerView> Servers::views() const {
    std::vector<ServerView> views;
    for (const Server& server : servers_) {
        views.push_back(server.view());
    }
    return views;
}

void Servers::finish_output() {
    for (Server& server : servers_) {
        server.finish_output();
    }
}

void Servers::record() const {
    for (const Server& server : servers_) {
        server.record();
    }
}

}  // namespace vlmshim
