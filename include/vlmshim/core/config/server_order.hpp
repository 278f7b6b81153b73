// after = ["name"]: who starts when, and who is ended when.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

struct OrderProblem {
    std::size_t server;   // index of the one whose `after` is wrong
    std::string message;  // follows "'after' in [server]"
};

/// Names that no server has, servers that wait for themselves, and circles. Empty: every server can
/// be started.
std::vector<OrderProblem> order_problems(const std::vector<ServerConfig>& servers);

/// For each server the indices of those it is after. Names that no server has are left out.
std::vector<std::vector<std::size_t>> predecessors(const std::vector<ServerConfig>& servers);

/// The longest time from asking the first server to the end of the last one's grace: the graces of a
/// server and of those that are after it add up. `graces` has one entry a server; the order must be
/// without a circle.
Millis longest_drain(const std::vector<std::vector<std::size_t>>& before, const std::vector<Millis>& graces);

}  // namespace vlmshim
