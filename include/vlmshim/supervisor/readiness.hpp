// Asks one server again and again until it is ready.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/answer_history.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/loop/net_probe.hpp"

namespace vlmshim {

/// A positive answer: where it came from. An exec probe names no address.
struct ReadyAnswer {
    std::optional<Address> address;
    Port port;
};

class Readiness {
public:
    struct Hooks {
        /// Runs an exec probe's command; false when it could not be started.
        std::function<bool(const std::vector<std::string>& command)> run_command;
        /// True accepts the answer; false asks on (the listener is not known to be ours).
        std::function<bool(const ReadyAnswer&)> positive;
    };

    Readiness(loop::Loop& loop, const ServerConfig& server, Hooks hooks);

    void start();
    void stop();
    /// While the job is stopped: a stopped server accepts connections, too, and the time does not count.
    void pause();
    void resume();
    bool running() const { return running_; }
    /// The command that run_command started has ended.
    void command_ended(ExitStatus status);

    /// "http://127.0.0.1:8080/health"
    const std::string& target() const { return target_; }
    /// What it last said: "connection refused", "HTTP 503".
    const std::string& last_answer() const { return last_answer_; }
    Millis waited() const;
    const AnswerHistory& history() const { return history_; }

private:
    void ask();
    void answered(ProbeResult result, const ReadyAnswer& answer, const std::string& detail);

    loop::Loop& loop_;
    Hooks hooks_;
    std::optional<loop::NetTarget> net_target_;
    std::vector<std::string> command_;
    Port port_;
    std::string target_;
    std::string last_answer_ = "nothing yet";
    AnswerHistory history_;
    Millis started_{0};
    bool running_ = false;
    std::optional<Millis> paused_;
    std::unique_ptr<loop::NetProbe> probe_;
    loop::Timer again_;
};

}  // namespace vlmshim
