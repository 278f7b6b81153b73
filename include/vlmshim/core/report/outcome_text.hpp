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
    std::string last_answer;  // to its probe
    std::string impostor;     // the process that answered in its place, or listens beside it
    std::string not_started_because;
    std::optional<ExitStatus> end;  // of its main process
    bool impostor_is_beside = false;
    std::string hint{};  // why it may not have become ready
};

/// What the sentence needs beside the outcome.
struct Circumstances {
    FailedServer server{};                   // Outcome::server
    std::string why_busy{};                  // Failure::PortBusy
    std::string test_not_started_because{};  // Failure::TestNotStarted
};

/// Why the run failed; nullopt: it did not, or that was reported already.
std::optional<std::string> why_it_failed(const Outcome& outcome, const Config& config,
                                         const Circumstances& circumstances);

/// "before it was ready"; empty for an end that does not matter.
std::string_view when_it_died(ServerEnd end);

/// A test that was ended by a signal and exits with 0 hides that it was not completed; nullopt: it does not.
std::optional<std::string> doubtful_success(const Outcome& outcome);

/// Why a test may have failed that was not ended by a signal; nullopt: no cause is known.
std::optional<std::string> likely_cause(const Outcome& outcome, const Config& config);

/// The last line of a clean-up: what has ended, how long it took, which ports are free. `servers` were started, `seen`
/// processes were alive when the end began.
std::string describe_end(const std::vector<std::string>& servers, std::size_t seen, Millis took,
                         const std::vector<Port>& ports);

}  // namespace vlmshim
