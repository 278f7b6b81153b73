// Why a server may not become ready, for people: told while it is waited for, and again when that has failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// What is known of a server that is not ready yet.
struct UnreadyFacts {
    std::optional<Port> port;
    bool listens = false;                     // on its port
    std::vector<std::string> elsewhere{};     // other addresses that it listens on: "127.0.0.1:9931"
    std::vector<std::string> unix_sockets{};  // told late: not asked for before
    int unwanted_status = 0;                  // that it has answered for long; 0: none
    Millis waited{0};
};

/// One sentence about the server, its name left out; empty: nothing to be said yet.
std::string ready_hint(const ServerConfig& server, const UnreadyFacts& facts);

}  // namespace vlmshim
