// Actions about ports: looking, choosing, freeing.
#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>
#include <set>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/config/auto_ports.hpp"

namespace vlmshim {

void Supervisor::carry_out(const action::LookAtPorts&) {
    const bool before = lifecycle_.phase() == Phase::Claiming;
    if (before) {
        recorder_.look_at_ports_before();
    }
    PortsState state = before ? guard_.look_before() : guard_.look_after();
    if (before && state == PortsState::Free && !choose_free_ports()) {
        state = PortsState::Held;
    }
    feed(event::PortsLooked{state});
    for (const Port port : config_.ports.guard) {
        if (before && state == PortsState::Free && guard_.is_reused(port)) {
            reused_ports_.watch(port);
        }
    }
}

/// As late as can be: until the server binds its number, anybody may take it.
bool Supervisor::choose_free_ports() {
    choose_ports(config_, os::find_free_port);
    const auto& guard = config_.ports.guard;
    if (std::find(guard.begin(), guard.end(), auto_port) != guard.end()) {
        log_.error("no free port could be found (port = \"auto\")");
        return false;
    }
    remember_chosen_ports();
    return true;
}

void Supervisor::remember_chosen_ports() {
    std::set<Port> chosen;
    for (std::size_t i = 0; i < given_.ports.guard.size(); ++i) {
        if (given_.ports.guard[i] == auto_port) {
            chosen.insert(config_.ports.guard[i]);
        }
    }
    guard_.set_chosen(std::move(chosen));
}

/// Asked when the server has exited: nobody of ours listens any more, so whoever does was faster.
bool Supervisor::port_is_lost(ServerId id) {
    if (!has_auto_port(id) || lifecycle_.phase() != Phase::Starting) {
        return false;
    }
    const Port port = at(id).config.port;
    switch (PortGuard::owner_of(std::nullopt, port, living_servers()).kind) {
        case ListenerOwner::Kind::Ours:
            return false;  // it has put itself into the background
        case ListenerOwner::Kind::Foreign:
            return true;
        case ListenerOwner::Kind::Unknown:
            break;
    }
    return bind_to(port) == os::Bind::Held;
}

void Supervisor::carry_out(const action::ChangePort& action) {
    Server& server = at(action.server);
    const Port lost = server.config.port;
    // This may come out of the probe's own callback.
    server.readiness->stop();
    retired_probes_.push_back(std::move(server.readiness));
    server.probe_command = Pid{};
    server.foreign_answers = 0;
    change_port(config_, config_.servers[static_cast<std::size_t>(action.server)], os::find_free_port);
    remember_chosen_ports();
    log_.info("{}: somebody else took port {}: port {} instead", server.config.name, lost.number,
              server.config.port.number);
}

void Supervisor::carry_out(const action::EndHolders& action) {
    guard_.end_holders(action.signal);
}

void Supervisor::carry_out(const action::ReportHolders&) {
    guard_.report_holders();
}

}  // namespace vlmshim
