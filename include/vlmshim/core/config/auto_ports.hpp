// port = "auto": which free port stands for which "auto".
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// A port that nobody uses at the moment; auto_port: there is none.
using ChoosePort = std::function<Port()>;

/// The port numbers of a run: those of the configuration, and what is chosen for each "auto".
class PortNumbers {
public:
    explicit PortNumbers(const Config& config);

    /// Every "auto" becomes a number, no number twice: those of the servers, and those in the list of
    /// guarded ports. There the first ones stand for the servers' (finish_config saw to it that there
    /// are enough), so that VLMSHIM_PORT is the port of the first server.
    /// False: one could not be had, and an "auto" is left.
    [[nodiscard]] bool choose(const ChoosePort& choose);

    /// Another port for this server, because somebody else has taken the one that was chosen.
    /// auto_port: none could be had, and it keeps the old one.
    [[nodiscard]] Port change(std::size_t server, const ChoosePort& choose);

    /// nullopt: it has none.
    std::optional<Port> of(std::size_t server) const { return servers_[server]; }
    const std::vector<Port>& guarded() const { return guarded_; }
    /// Those that stand for an "auto".
    const std::set<Port>& chosen() const { return chosen_; }
    /// The port of a server that a daemon runs for us (owner = "any").
    bool is_of_daemon(Port port) const;

private:
    bool is_taken(Port port) const;
    Port choose_unused(const ChoosePort& choose) const;
    void replace_guarded(Port old, Port by);

    std::vector<std::optional<Port>> servers_;
    std::vector<PortOwner> owners_;  // who may hold them
    std::vector<Port> guarded_;
    std::set<Port> chosen_;
};

}  // namespace vlmshim
