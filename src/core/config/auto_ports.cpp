#include "vlmshim/core/config/auto_ports.hpp"

#include <algorithm>

namespace vlmshim {

namespace {

bool is_taken(const Config& config, Port port) {
    const auto& guard = config.ports.guard;
    return std::find(guard.begin(), guard.end(), port) != guard.end() ||
           std::any_of(config.servers.begin(), config.servers.end(),
                       [&](const ServerConfig& server) { return server.port == port; });
}

/// The kernel may offer a number twice, since nobody has bound it yet.
Port choose_unused(const Config& config, const ChoosePort& choose) {
    constexpr int most_tries = 100;
    Port port = choose();
    for (int i = 0; i < most_tries && port != auto_port && is_taken(config, port); ++i) {
        port = choose();
    }
    return port;
}

}  // namespace

void choose_ports(Config& config, const ChoosePort& choose) {
    std::vector<Port>& guard = config.ports.guard;
    const auto replace_next = [&](Port port) {
        const auto open = std::find(guard.begin(), guard.end(), auto_port);
        if (open != guard.end()) {
            *open = port;
        }
    };
    for (ServerConfig& server : config.servers) {
        if (server.port == auto_port) {
            server.port = choose_unused(config, choose);
            replace_next(server.port);
        }
    }
    for (auto left = std::count(guard.begin(), guard.end(), auto_port); left > 0; --left) {
        replace_next(choose_unused(config, choose));
    }
}

void change_port(Config& config, ServerConfig& server, const ChoosePort& choose) {
    const Port lost = server.port;
    server.port = choose_unused(config, choose);
    std::replace(config.ports.guard.begin(), config.ports.guard.end(), lost, server.port);
}

}  // namespace vlmshim
