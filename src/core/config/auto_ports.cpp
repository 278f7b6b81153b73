#include "vlmshim/core/config/auto_ports.hpp"

#include <algorithm>

namespace vlmshim {

std::vector<Port> known_ports(std::vector<Port> ports) {
    std::erase(ports, auto_port);
    return ports;
}

PortNumbers::PortNumbers(const Config& config) : guarded_(config.ports.guard) {
    for (const ServerConfig& server : config.servers) {
        servers_.push_back(server.port);
        owners_.push_back(server.owner);
    }
}

bool PortNumbers::is_of_daemon(Port port) const {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i] == port && owners_[i] == PortOwner::Any) {
            return true;
        }
    }
    return false;
}

bool PortNumbers::is_taken(Port port) const {
    const auto is_in = [&](const auto& list) { return std::find(list.begin(), list.end(), port) != list.end(); };
    return is_in(guarded_) || is_in(servers_);
}

/// The kernel may offer a number twice, since it is not bound yet.
Port PortNumbers::choose_unused(const ChoosePort& choose) const {
    constexpr int most_tries = 100;
    Port port = choose();
    for (int i = 0; i < most_tries && port != auto_port && is_taken(port); ++i) {
        port = choose();
    }
    return port;
}

void PortNumbers::replace_guarded(Port old, Port by) {
    const auto place = std::find(guarded_.begin(), guarded_.end(), old);
    if (place != guarded_.end()) {
        *place = by;
    }
    chosen_.erase(old);
    chosen_.insert(by);
}

bool PortNumbers::choose(const ChoosePort& choose) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i] == auto_port && change(i, choose) == auto_port) {
            return false;
        }
    }
    while (std::find(guarded_.begin(), guarded_.end(), auto_port) != guarded_.end()) {
        const Port port = choose_unused(choose);
        if (port == auto_port) {
            return false;
        }
        replace_guarded(auto_port, port);
    }
    return true;
}

Port PortNumbers::change(std::size_t server, const ChoosePort& choose) {
    const Port port = choose_unused(choose);
    if (port != auto_port) {
        replace_guarded(servers_[server].value_or(auto_port), port);
        servers_[server] = port;
    }
    return port;
}

}  // namespace vlmshim
