// What a run says to its user. Silent when there was nothing to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
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
};

/// A server as it is told of.
struct ServerView {
    const ServerConfig& config;
    bool was_started = false;  // else it was somebody else's, or its turn never came
    bool was_ready = false;
    std::optional<ProbeView> probe{};
    std::function<std::vector<std::string>(std::size_t count)> tail{};  // of its output, the last lines
};

/// What the last lines of a run are made of.
struct EndView {
    Outcome outcome;
    std::vector<ServerView> servers;
    std::size_t seen = 0;     // processes that were alive when the end began
    std::vector<Port> ports;  // that have to be free
    std::string why_busy;
};

class Narrator {
public:
    /// All outlive it.
    Narrator(const Config& config, const Processes& processes, Clock& clock, Log& log, RunRecorder& recorder)
        : config_(config), processes_(processes), clock_(clock), log_(log), recorder_(recorder) {}

    void phase_changed(Phase before, Phase now);

    void server_not_started(const std::string& name, const std::string& command, const std::string& why);
    void server_started(const std::string& name, Pid pid, const std::string& command);
    void server_ready(const ServerView& server);
    void owner_unknown(const std::string& name, Port port);
    void port_changed(const std::string& name, Port lost, Port other);
    void server_ended(const ServerConfig& server, ExitStatus status, ServerEnd what);
    void server_killed(const ServerConfig& server);
    void reused_port_lost(const action::TellReusedPortLost& lost);
    enum class Place { Foreground, Background };
    void serving(const std::vector<Port>& ports, Place place);

    void test_not_started(const std::string& command, const std::string& why);
    void test_started(Pid pid, const std::string& command);
    void test_stopped(Signal signal);
    void test_ended(ExitStatus status);
    void left_by_test(const std::vector<ProcessIdentity>& left);

    void signal_came(const SignalInfo& info, const SignalMeaning& meaning);
    void keeper_lost();
    void end(const EndView& end);

private:
    void show_tail(const ServerView& server);

    const Config& config_;
    const Processes& processes_;
    Clock& clock_;
    Log& log_;
    RunRecorder& recorder_;
    Millis test_started_{0};
    Millis end_began_{0};
};

}  // namespace vlmshim
