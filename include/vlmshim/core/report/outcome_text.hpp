// The last lines of a run, in words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/outcome.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What is known of the server that the outcome is about.
struct FailedServer {
    std::string target;       // of its probe
    std::string last_answer;  // to that
    std::string impostor;     // who answered in its place, or listens beside it
    std::string not_started_because;
    std::optional<ExitStatus> end;  // of its main process
    bool impostor_is_beside = false;
    std::string hint{};  // why it may not have become ready
};

/// What the sentence needs beside the outcome.
struct Circumstances {
    FailedServer server{};                   // when the outcome names one
    std::string why_busy{};                  // when a port was busy
    std::string test_not_started_because{};  // when it could not be executed
};

/// Why the run failed; nullopt: there is nothing to be explained.
std::optional<std::string> why_it_failed(const Outcome& outcome, const Config& config,
                                         const Circumstances& circumstances);

/// "before it was ready"; empty for an end that is none to speak of.
std::string_view when_it_died(ServerEnd end);

/// A test that was told to end and calls that a success hides that it did not come to its end; nullopt: it did not.
std::optional<std::string> doubtful_success(const Outcome& outcome);

/// What a test that failed by itself may have failed of; nullopt: nothing was seen.
std::optional<std::string> likely_cause(const Outcome& outcome, const Config& config);

/// The one line that people look for: what has gone, how long it took, what is free again. `servers` were started,
/// `seen` processes were found alive when the end began, `ports` are free.
std::string describe_end(const std::vector<std::string>& servers, std::size_t seen, Millis took,
                         const std::vector<Port>& ports);

}  // namespace vlmshim
