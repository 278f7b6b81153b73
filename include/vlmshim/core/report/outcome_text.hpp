// The last lines of a run, in words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/outcome.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What is known of the server that the outcome is about.
struct FailedServer {
    enum class State { NotReady, WasReady };
    State state = State::NotReady;
    std::string target;       // of its probe
    std::string last_answer;  // to that
    std::string impostor;     // who answered in its place
};

/// Why the run failed; nullopt: there is nothing to be explained. `server` means something when the outcome names one;
/// `why_busy` when a port was busy.
std::optional<std::string> why_it_failed(const Outcome& outcome, const Config& config, const FailedServer& server,
                                         const std::string& why_busy);

/// The one line that people look for: what has gone, how long it took, what is free again. `servers` were started,
/// `seen` processes were found alive when the end began, `ports` are free.
std::string describe_end(const std::vector<std::string>& servers, std::size_t seen, Millis took,
                         const std::vector<Port>& ports);

}  // namespace vlmshim
