#include "vlmshim/supervisor/run_ports.hpp"

#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

RunPorts::RunPorts(const Config& config, const Sockets& sockets, Processes& processes, EndedLog& ended, Log& log,
                   std::function<void(Port)> watch)
    : config_(config),
      sockets_(sockets),
      processes_(processes),
      log_(log),
      numbers_(config),
      guard_(config.ports, numbers_, sockets, processes, ended, log),
      watch_(std::move(watch)) {}

PortsState RunPorts::look(LookTime when) {
    const PortsState state = guard_.look(when);
    if (state != PortsState::Free) {
        return state;
    }
    switch (when) {
        case LookTime::Before:
            if (!numbers_.choose([this] { return sockets_.find_free_port(); })) {
                none_is_free_ = true;
                return PortsState::Held;
            }
            log_free("before");
            break;
        case LookTime::After:
            log_free("after");
            break;
    }
    return state;
}

std::string RunPorts::why_busy() const {
    return none_is_free_ ? "no free port could be found (port = \"auto\")" : guard_.why_busy();
}

void RunPorts::watch_reused() {
    for (const Port port : numbers_.guarded()) {
        if (is_reused(port)) {
            watch_(port);
        }
    }
}

void RunPorts::log_free(const char* when) const {
    if (const std::vector<Port> ports = to_be_free(); !ports.empty()) {
        log_.debug(list_ports(ports), ports.size() == 1 ? " is free " : " are free ", when, " the run");
    }
}

Port RunPorts::change(ServerId server) {
    const Port other = numbers_.change(index_of(server), [this] { return sockets_.find_free_port(); });
    return other == auto_port ? of(server).value_or(auto_port) : other;
}

bool RunPorts::is_not_ours(ServerId server) const {
    const std::optional<Port> port = of(server);
    return config_.servers[index_of(server)].external || (port && is_reused(*port));
}

std::vector<Port> RunPorts::to_be_free() const {
    std::vector<Port> ports;
    for (const Port port : numbers_.guarded()) {
        if (port != auto_port && !is_reused(port)) {
            ports.push_back(port);
        }
    }
    return ports;
}

bool RunPorts::is_lost(ServerId server, const OwnProcesses& own) {
    const ServerConfig& its = config_.servers[index_of(server)];
    if (its.port != auto_port || its.owner == PortOwner::Any) {
        return false;
    }
    switch (owner_of(std::nullopt, *of(server), own).kind) {
        case ListenerOwner::Kind::Ours:
            return false;  // it has gone into the background
        case ListenerOwner::Kind::Foreign:
            return true;
        case ListenerOwner::Kind::None:
        case ListenerOwner::Kind::Unknown:
        case ListenerOwner::Kind::NoTable:
            break;
    }
    return sockets_.bind_to(*of(server)) == os::Bind::Held;
}

/// Our own processes are looked at only where a process listens: this is called up to two hundred times a second.
ListenerOwner RunPorts::owner_of(const std::optional<Address>& address, Port port, const OwnProcesses& own) {
    return vlmshim::owner_of(sockets_, processes_, address, port, [&] {
        PortOwners owners{own(), {}};
        owners.pids.push_back(processes_.self());  // a socket that the caller passes on through us to the test
        for (const Pid pid : owners.pids) {
            if (const auto uids = processes_.uids_of(pid)) {
                own_uids_.insert({uids->real, uids->effective, uids->saved});
            }
        }
        owners.uids = own_uids_;
        return owners;
    });
}

std::map<Pid, ServerId> RunPorts::servers_of(const std::vector<Pid>& processes) const {
    std::map<Pid, ServerId> found;
    const std::vector<Listener> listeners = sockets_.listeners_on(numbers_.guarded()).listeners;
    for (const os::Holder& holder : sockets_.holders_among(processes, listeners).holders) {
        for (const Listener& listener : listeners) {
            for (std::size_t i = 0; i < config_.servers.size(); ++i) {
                if (listener.inode == holder.inode && of(ServerId{i}) == listener.port) {
                    found.emplace(holder.process.pid, ServerId{i});
                }
            }
        }
    }
    return found;
}

}  // namespace vlmshim
