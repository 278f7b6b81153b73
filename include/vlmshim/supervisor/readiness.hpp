// Asks one server again and again until it is ready, and until what answers is ours.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/report/answer_history.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim {

/// A positive answer: where it came from. An exec probe names no address.
struct ReadyAnswer {
    std::optional<Address> address;
    Port port;
};

class Readiness {
public:
    enum class Started { Yes, No };
    struct Hooks {
        AskNetwork ask_network;
        /// Runs an exec probe's command; its end comes back through command_ended.
        std::function<Started(const std::vector<std::string>& command)> run_command;
        std::function<ListenerOwner(const ReadyAnswer&)> owner_of;
        std::function<void()> ready;
        std::function<void()> impersonated;  // see impostor()
    };

    Readiness(Clock& clock, const ServerConfig& server, Port port, Hooks hooks);

    void start();
    /// Ends a pause, too.
    void stop();
    /// While the job is stopped: a stopped server accepts connections, too, and the time does not count.
    void pause();
    void resume();
    bool running() const { return running_; }
    void command_ended(ExitStatus status);

    /// "http://127.0.0.1:8080/health"
    const std::string& target() const { return target_; }
    /// What it last said: "connection refused", "HTTP 503".
    const std::string& last_answer() const { return last_answer_; }
    /// Who answers in its place, or listens beside it: pid, user, command, address.
    const std::string& impostor() const { return impostor_; }
    bool is_beside_ours() const { return is_beside_ours_; }
    Millis waited() const;
    const AnswerHistory& history() const { return history_; }

private:
    void ask();
    void ask_network();
    void answered(ProbeResult result, const ReadyAnswer& answer, const std::string& detail);
    bool is_accepted(const ReadyAnswer& answer);

    Clock& clock_;
    Hooks hooks_;
    std::optional<NetTarget> net_target_;
    std::vector<std::string> command_;
    Port port_;
    std::string target_;
    std::string last_answer_ = "nothing yet";
    std::string impostor_;
    bool is_beside_ours_ = false;
    AnswerHistory history_;
    Millis started_{0};
    bool running_ = false;
    int foreign_answers_ = 0;
    std::optional<Millis> paused_;
    std::map<int, std::unique_ptr<Probe>> probes_;  // that wait for an answer, by their number
    int asked_ = 0;
    Logs logs_ = Logs::No;
    std::unique_ptr<Alarm> again_;
    std::unique_ptr<Alarm> beside_;  // the last question has waited for long
};

}  // namespace vlmshim
