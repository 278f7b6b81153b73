// The messages of a run to its user. None when there was nothing to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/report/outcome_text.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"

namespace vlmshim {

struct ProbeView {
    std::string target;
    std::string last_answer;
    std::string impostor;
    Millis waited{0};
    bool running = false;
    bool impostor_is_beside = false;  // the server listens, too
    std::string hint{};               // why it may not become ready; empty: none was found
};

/// A server, for messages.
struct ServerView {
    const ServerConfig& config;
    bool was_started = false;  // false: it is not ours, or its turn never came
    std::optional<ProbeView> probe{};
    std::optional<ExitStatus> end{};                     // of its main process
    std::function<std::vector<std::string>()> output{};  // the lines that are kept of it
};

/// For the last lines of a run.
struct EndView {
    Outcome outcome;
    std::vector<ServerView> servers;
    std::size_t seen = 0;     // processes that lived when the end began
    std::vector<Port> ports;  // that have to be free
    std::string why_busy;
};

class Narrator {
public:
    /// All outlive it.
    Narrator(const Config& config, const Processes& processes, Clock& clock, Log& log, RunRecorder& recorder)
        : config_(config), processes_(processes), clock_(clock), log_(log), recorder_(recorder) {}

    enum class Place { Foreground, Background };

    void phase_changed(Phase before, Phase now);

    /// Logged at the end, with the outcome.
    void server_not_started(const std::string& command, const std::string& why);
    void server_started(const std::string& name, Pid pid, const std::string& command);
    void server_ready(const ServerView& server);
    /// Why it may not become ready.
    void ready_hint(const ServerConfig& server, const std::string& hint);
    void owner_unknown(const std::string& name, Port port);
    void port_changed(const std::string& name, Port lost, Port other);
    void server_ended(const ServerConfig& server, ExitStatus status, ServerEnd what);
    void server_in_background(const ServerConfig& server, const std::vector<Pid>& processes);
    /// `last`: the process that listened, as far as is known.
    void listener_lost(const ServerConfig& server, Port port, const std::string& last);
    void listens_again(const ServerConfig& server, Port port, const ProcessIdentity& process);
    void server_killed(const ServerConfig& server);
    void reused_port_lost(const action::ReportReusedPortLost& lost);
    void serving(const std::vector<Port>& ports, Place place);

    void test_not_started(const std::string& why) { circumstances_.test_not_started_because = why; }
    void test_started(Pid pid, const std::string& command);
    void test_stopped(Signal signal);
    void test_ended(ExitStatus status);
    /// On a terminal: that the test is waited for, and when it is killed.
    void test_still_there(Millis left, Place place);
    void test_killed();
    void left_by_test(const std::vector<ProcessIdentity>& left);
    /// Their grace is over. Of all that are killed so, ten are named.
    void leftovers_killed(const std::vector<Descendant>& killed);

    /// `at`: of the steady clock.
    void signal_arrived(const SignalInfo& info, const SignalMeaning& meaning, Millis at);
    void keeper_lost();
    void end(const EndView& end);

private:
    void log_why(const EndView& end);
    void show_output(const ServerView& server, LogLevel level);

    const Config& config_;
    const Processes& processes_;
    Clock& clock_;
    Log& log_;
    RunRecorder& recorder_;
    Millis test_started_{0};
    Millis end_began_{0};
    Circumstances circumstances_;
    std::size_t named_killed_ = 0;
};

}  // namespace vlmshim
