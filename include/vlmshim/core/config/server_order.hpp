// after = ["name"]: the order in which servers start and end.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

struct OrderProblem {
    std::size_t server;   // index of the server whose `after` is wrong
    std::string message;  // follows "'after' in [server]"
};

/// Unknown names, servers that wait for themselves, and circles. Empty: every server can be started.
std::vector<OrderProblem> order_problems(const std::vector<ServerConfig>& servers);

/// For each server the indices of those in its `after`. Unknown names are left out.
std::vector<std::vector<std::size_t>> predecessors(const std::vector<ServerConfig>& servers);

/// The longest time from the first stop signal to the end of the last grace: a server is stopped when those after it
/// have ended, so their graces add up. `graces` has one entry for each server. The order must have no circle.
Millis longest_drain(const std::vector<std::vector<std::size_t>>& before, const std::vector<Millis>& graces);

}  // namespace vlmshim
