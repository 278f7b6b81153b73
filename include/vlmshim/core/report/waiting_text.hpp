// The lines that say what a run waits for: servers to be ready, processes to end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct WaitingText {
    std::string live;                // the line that is redrawn on a terminal; empty: nothing is waited for
    std::string shorter;             // the same for a narrow terminal
    std::vector<std::string> plain;  // lines for a file or pipe
};

/// A server that is not ready yet.
struct UnreadyServer {
    std::string name;
    std::string target;
    std::string last_answer;
    Millis waited{0};
};

WaitingText waiting_for_servers(const std::vector<UnreadyServer>& servers);

/// The state of a run that ends. A time that is left is until SIGKILL; nullopt: that was sent.
struct Ending {
    struct Server {
        std::string name;
        std::optional<Millis> left;
    };

    Phase phase = Phase::Draining;
    bool test_lives = false;      // then there is no text: the terminal is the test's
    std::vector<Server> servers;  // that are alive, and whose turn to end has come
    std::string leftovers;        // beside the servers: "pid 4711 (sleep 60)", "3 processes"; empty: none
    std::optional<Millis> leftovers_left;
    std::optional<Millis> drain_left;  // for all of them
    std::vector<Port> ports;           // whose holders have got SIGTERM
    std::optional<Millis> holders_left;
    bool was_signalled = false;  // the next ^C is a second request
};

WaitingText waiting_for_end(const Ending& ending);

}  // namespace vlmshim
