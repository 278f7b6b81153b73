// What makes a readiness probe unusable, and which ports it names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// What is wrong with the value of one key of [server.ready]; the message follows that value.
struct ReadyProblem {
    std::string_view key;
    std::string value;  // as it is written; empty: it is not a single word
    std::string message;
};

/// The addresses are checked with the server's port in place of "{port}"; for auto_port with the longest number.
std::vector<ReadyProblem> ready_problems(const ServerConfig& server);

/// The forms of --ready: a URL, /PATH at localhost, or tcp://HOST:PORT. nullopt: none of them.
std::optional<Ready> parse_ready(std::string_view text);
/// The key `http`: /PATH becomes a URL at localhost, anything else is returned as it is.
std::string complete_url(std::string_view text);

/// The port number in the http or tcp probe, which is the server's then. nullopt: none, or it is "{port}".
std::optional<Port> own_port(const Ready& ready);
/// Gives a server without a port of its own the own_port of its probe.
void settle_port(ServerConfig& server);
/// The ports of the probes other than `port`, the server's.
std::vector<Port> other_ports(const Ready& ready, std::optional<Port> port);
/// False when the http probe names another machine.
bool is_on_this_machine(const Ready& ready, Port port);
/// Whether the http probe needs curl(1).
bool needs_curl(const Ready& ready, std::optional<Port> port);

/// 200, or "2xx".
std::optional<StatusRange> parse_status(std::string_view text);
bool counts_as_ready(const Ready& ready, int status);

}  // namespace vlmshim
