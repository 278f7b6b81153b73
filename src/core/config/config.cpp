#include "vlmshim/core/config/config.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

bool serves(const Config& config) {
    return config.test.command.empty() && std::any_of(config.servers.begin(), config.servers.end(),
                                                      [](const ServerConfig& server) { return !server.external; });
}

const std::string& probe_cwd(const ServerConfig& server, const Config& config) {
    return config.typed.server ? config.typed.probe_cwd : server.cwd;
}

Millis grace_of(const ServerConfig& server, const Config& config) {
    return server.grace.value_or(config.shutdown_grace);
}

OutputWay output_way_of(const ServerConfig& server, const Config& config) {
    const bool by_lines = config.servers.size() > 1 || !server.ready.log.empty();
    const OutputWay inherited = by_lines ? OutputWay::ShownByLines : OutputWay::PassedThrough;
    switch (server.output.mode) {
        case OutputMode::Capture:
            return serves(config) ? inherited : OutputWay::Kept;
        case OutputMode::Inherit:
            return inherited;
        case OutputMode::Discard:
            return OutputWay::Discarded;
        case OutputMode::File:
            break;
    }
    return OutputWay::IntoFile;
}

std::string port_variable(const std::string& server_name) {
    std::string name = server_name;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '-' ? '_' : to_capital(c); });
    return "VLMSHIM_PORT_" + name;
}

}  // namespace vlmshim
