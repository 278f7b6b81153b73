// Whether a server that was ready still listens on its port.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "vlmshim/supervisor/listener_watch.hpp"
#include "vlmshim/supervisor/server_surroundings.hpp"

namespace vlmshim {

class ServerListener {
public:
    /// `around` outlives it.
    ServerListener(ServerId server, const ServerSurroundings& around) : server_(server), around_(around) {}

    /// A process of the server that was seen to listen.
    void note(Pid listener) { seen_ = listener; }
    /// From now on ListenerLost is reported when no process of the server listens on its port any more.
    void watch();
    void stop();
    void log_lost() const;

private:
    void lost(std::optional<ProcessIdentity> last);
    const ServerConfig& config() const { return around_.config.servers[index_of(server_)]; }
    Port port() const { return around_.ports.of(server_).value_or(Port{}); }

    ServerId server_;
    const ServerSurroundings& around_;
    std::unique_ptr<ListenerWatch> watch_;
    Pid seen_;          // 0: none
    std::string last_;  // "pid 4711 (node server.js)"
};

}  // namespace vlmshim
