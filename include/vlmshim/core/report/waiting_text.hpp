// What is said while something is waited for: servers to be ready, the run to be gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct WaitingText {
    std::string live;                // for the line that is redrawn on a terminal; empty: nothing is waited for
    std::string shorter;             // the same where the terminal is narrow
    std::vector<std::string> plain;  // lines for elsewhere
};

/// A server that is not ready yet.
struct UnreadyServer {
    std::string name;
    std::string target;
    std::string last_answer;
    Millis waited{0};
};

WaitingText waiting_for_servers(const std::vector<UnreadyServer>& servers);

/// How the end of a run stands. What has a time is killed when that is over; without one it was killed.
struct Ending {
    struct Server {
        std::string name;
        std::optional<Millis> left;
    };

    Phase phase = Phase::Draining;
    bool test_lives = false;      // then nothing is said: the terminal is the test's
    std::vector<Server> servers;  // that live, and whose turn to end has come
    std::string leftovers;        // beside the servers: "pid 4711 (sleep 60)", "3 processes"; empty: none
    std::optional<Millis> leftovers_left;
    std::optional<Millis> drain_left;  // of all
    std::vector<Port> ports;           // whose holders were asked to end; empty: none were
    std::optional<Millis> holders_left;
    bool was_signalled = false;  // the next ^C is a second request
};

WaitingText waiting_for_end(const Ending& ending);

}  // namespace vlmshim
