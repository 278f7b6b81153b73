// port = "auto": the numbers that are chosen for it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// Returns a port that is free now; auto_port when there is none.
using ChoosePort = std::function<Port()>;

/// Those of `ports` that have a number before a run begins: no "auto".
std::vector<Port> known_ports(std::vector<Port> ports);

/// The port numbers of a run: the configured ones, and the one chosen for each "auto".
class PortNumbers {
public:
    explicit PortNumbers(const Config& config);

    /// Gives every "auto" a number of its own, for the servers and in the list of guarded ports. In the list the first
    /// ones stand for the servers' (finish_config ensures that there are enough), so that VLMSHIM_PORT is the port of
    /// the first server. False: there were not enough free ports, and an "auto" is left.
    [[nodiscard]] bool choose(const ChoosePort& choose);

    /// Another port for this server, because another process has taken the chosen one. auto_port: there is no other,
    /// and it keeps the old one.
    [[nodiscard]] Port change(std::size_t server, const ChoosePort& choose);

    /// nullopt: the server has no port.
    std::optional<Port> of(std::size_t server) const { return servers_[server]; }
    const std::vector<Port>& guarded() const { return guarded_; }
    /// Those chosen for an "auto".
    const std::set<Port>& chosen() const { return chosen_; }
    /// Whether it is the port of a server that a daemon runs for us (owner = "any").
    bool is_of_daemon(Port port) const;

private:
    bool is_taken(Port port) const;
    Port choose_unused(const ChoosePort& choose) const;
    void replace_guarded(Port old, Port by);

    std::vector<std::optional<Port>> servers_;
    std::vector<PortOwner> owners_;  // of the servers' ports
    std::vector<Port> guarded_;
    std::set<Port> chosen_;
};

}  // namespace vlmshim
