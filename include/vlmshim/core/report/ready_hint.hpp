// Why a server may not become ready: a sentence for the user while it is waited for, and when the wait has failed.
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
    std::vector<std::string> unix_sockets{};  // that it listens on; looked up late
    int unwanted_status = 0;                  // its HTTP answer, again and again; 0: none
    Millis waited{0};
};

/// One sentence, without the server's name; empty: there is no hint yet.
std::string ready_hint(const ServerConfig& server, const UnreadyFacts& facts);

}  // namespace vlmshim
