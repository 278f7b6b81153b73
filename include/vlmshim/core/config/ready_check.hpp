// What makes a server's readiness unusable, and which ports it names.
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
    std::string value;  // as it is written; empty: more than a word
    std::string message;
};

/// The addresses are tried with the server's port in the place of "{port}"; auto_port: with one of the ports that may
/// be chosen.
std::vector<ReadyProblem> ready_problems(const ServerConfig& server);

/// The forms of --ready: a URL, /PATH at localhost, or tcp://HOST:PORT. nullopt: it is none of them.
std::optional<Ready> parse_ready(std::string_view text);
/// The same for the key `http`: /PATH at localhost is filled in, everything else is taken as it is.
std::string complete_url(std::string_view text);

/// The number that an http or tcp probe names itself, without "{port}": then it is the server's port.
std::optional<Port> own_port(const Ready& ready);
/// That, where the server says no port.
void settle_port(ServerConfig& server);
/// Where it asks when the server has this port, beside that.
std::vector<Port> other_ports(const Ready& ready, std::optional<Port> port);
/// False where its http probe names another machine.
bool is_on_this_machine(const Ready& ready, Port port);
/// Whether curl(1) is needed to ask it.
bool needs_curl(const Ready& ready, std::optional<Port> port);

/// 200, or "2xx".
std::optional<StatusRange> parse_status(std::string_view text);
bool counts_as_ready(const Ready& ready, int status);

}  // namespace vlmshim
