// port = "auto": which free port stands for which "auto".
#pragma once

#include <functional>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// A port that nobody uses at the moment.
using ChoosePort = std::function<Port()>;

/// Every "auto" becomes a number, no number twice: those of the servers, and those in the list of
/// guarded ports. There the first ones stand for the servers' (finish_config saw to it that there are
/// enough), so that VLMSHIM_PORT is the port of the first server.
void choose_ports(Config& config, const ChoosePort& choose);

/// Another port for this server, because somebody else has taken the one that was chosen.
void change_port(Config& config, ServerConfig& server, const ChoosePort& choose);

}  // namespace vlmshim
