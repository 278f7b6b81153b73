#include "vlmshim/core/config/server_order.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

std::optional<std::size_t> index_of(const std::vector<ServerConfig>& servers, const std::string& name) {
    const auto found =
        std::find_if(servers.begin(), servers.end(), [&](const auto& server) { return server.name == name; });
    return found == servers.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - servers.begin()));
}

std::string unknown_name(const std::vector<ServerConfig>& servers, const std::string& name) {
    std::vector<std::string> names;
    for (const ServerConfig& server : servers) {
        names.push_back(server.name);
    }
    return "names " + quote_found(name) + ", and no server has that name" + did_you_mean(name, names, '"');
}

/// The servers that can never start because each waits for another of them, but not those that only wait for a circle.
std::vector<bool> in_circle(const std::vector<std::vector<std::size_t>>& before) {
    const std::size_t count = before.size();
    std::vector<bool> left(count, true);
    const auto peel = [&](const auto& removable) {
        for (bool any = true; any;) {
            any = false;
            for (std::size_t i = 0; i < count; ++i) {
                if (left[i] && removable(i)) {
                    left[i] = false;
                    any = true;
                }
            }
        }
    };
    const auto is_left = [&](std::size_t i) { return static_cast<bool>(left[i]); };
    peel([&](std::size_t i) { return std::none_of(before[i].begin(), before[i].end(), is_left); });
    peel([&](std::size_t i) {  // no server that is left waits for it
        for (std::size_t other = 0; other < count; ++other) {
            if (left[other] && std::find(before[other].begin(), before[other].end(), i) != before[other].end()) {
                return false;
            }
        }
        return true;
    });
    return left;
}

}  // namespace

std::vector<OrderProblem> order_problems(const std::vector<ServerConfig>& servers) {
    std::vector<OrderProblem> problems;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        for (const std::string& name : servers[i].after) {
            if (name == servers[i].name) {
                problems.push_back({i, "names the server itself, " + quote_found(name)});
            } else if (!index_of(servers, name)) {
                problems.push_back({i, unknown_name(servers, name)});
            }
        }
    }
    if (!problems.empty()) {
        return problems;  // circles are looked for once all names are right
    }
    const std::vector<bool> circle = in_circle(predecessors(servers));
    std::string names;
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        if (circle[i]) {
            first = first.value_or(i);
            names += (names.empty() ? "" : ", ") + quote_found(servers[i].name);
        }
    }
    if (first) {
        problems.push_back({*first, "makes a circle: " + names + " wait for each other, so none of them can start"});
    }
    return problems;
}

std::vector<std::vector<std::size_t>> predecessors(const std::vector<ServerConfig>& servers) {
    std::vector<std::vector<std::size_t>> before(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
        for (const std::string& name : servers[i].after) {
            if (const auto index = index_of(servers, name)) {
                before[i].push_back(*index);
            }
        }
    }
    return before;
}

Millis longest_drain(const std::vector<std::vector<std::size_t>>& before, const std::vector<Millis>& graces) {
    // A server's grace begins when those after it have ended. One pass for each server is enough for the longest chain.
    std::vector<Millis> until_ended = graces;
    for (std::size_t pass = 0; pass < before.size(); ++pass) {
        for (std::size_t later = 0; later < before.size(); ++later) {
            for (const std::size_t earlier : before[later]) {
                until_ended[earlier] = std::max(until_ended[earlier], until_ended[later] + graces[earlier]);
            }
        }
    }
    return std::accumulate(until_ended.begin(), until_ended.end(), Millis{0},
                           [](Millis a, Millis b) { return std::max(a, b); });
}

}  // namespace vlmshim
