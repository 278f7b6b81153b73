// What makes a configuration unusable, whether it comes from the file or from the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// Why the name cannot be used for a server.
std::optional<std::string> server_name_problem(const std::string& name);

/// Why the two names cannot be used together: they are the same, or lead to the same VLMSHIM_PORT_<NAME>.
std::optional<std::string> name_clash(const ServerConfig& earlier, const ServerConfig& later);

std::optional<std::string> port_clash(const ServerConfig& earlier, const ServerConfig& later);

/// A key of [server] that has no meaning for it; the message follows the key.
struct ServerProblem {
    std::string_view key;
    std::string message;
};

/// Keys that an external server must not have: we neither start it nor choose its port.
std::vector<ServerProblem> external_problems(const ServerConfig& server);

/// capture, inherit, discard or file:PATH, with the path as it is written, perhaps empty. nullopt: none of them.
std::optional<Output> parse_output(std::string_view text);
/// The allowed words, for messages.
std::vector<std::string> output_words();

/// `no vlmshim.toml was found in "/a", "/b"`; empty when no folder was searched.
std::string describe_search(const std::vector<std::string>& folders);

}  // namespace vlmshim
