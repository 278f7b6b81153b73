// Asks one server again and again until all of its checks hold, and the process that answers is ours.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/report/answer_history.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/ready_checks.hpp"

namespace vlmshim {

class Readiness {
public:
    struct Hooks {
        ReadyHooks checks;
        std::function<void()> ready;
        std::function<void()> impersonated;  // see impostor()
    };

    Readiness(Clock& clock, const Ready& ready, std::optional<Port> port, Whose whose, Hooks hooks);
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    void start();
    /// Also ends a pause: resume() has no effect then.
    void stop();
    /// While the job is stopped: then its time does not count, and an accepted connection says nothing of the server.
    void pause();
    void resume();
    bool running() const { return running_; }
    /// `output`: of curl; empty for other commands.
    void command_ended(ExitStatus status, const std::string& output = {});

    /// "http://127.0.0.1:8080/health"; several in a list.
    const std::string& target() const { return checks_.target(); }
    /// "connection refused", "HTTP 503"
    const std::string& last_answer() const { return last_answer_; }
    /// The process that listens in its place, or beside it: pid, user, command, address. Empty: none was found.
    const std::string& impostor() const { return impostor_; }
    bool is_beside_ours() const { return is_beside_ours_; }
    /// A status that does not count as ready, and for how long no other one has been answered; 0: none.
    int unwanted_status() const { return unwanted_status_; }
    Millis unwanted_for() const { return unwanted_status_ == 0 ? Millis{0} : waited() - unwanted_since_; }
    Millis waited() const;
    const AnswerHistory& history() const { return history_; }

private:
    void ask_from(std::size_t place);
    void answered(const ReadyCheck& of, const ReadyAnswer& answer);
    void failed(const ReadyAnswer& answer);
    void note_status(const ReadyAnswer& answer);

    Clock& clock_;
    Hooks hooks_;
    ReadyChecks checks_;
    std::string last_answer_ = "nothing yet";
    std::string impostor_;
    bool is_beside_ours_ = false;
    AnswerHistory history_;
    Millis started_{0};
    bool running_ = false;
    int foreign_answers_ = 0;
    int unwanted_status_ = 0;
    Millis unwanted_since_{0};  // waited() then
    std::optional<Millis> paused_;
    std::size_t asked_ = 0;       // the place of the check that is asked, or was asked last
    std::size_t last_place_ = 0;  // of the check that gave last_answer_
    bool is_waiting_ = false;     // for the next round: no answer is due
    Logs logs_ = Logs::No;
    std::unique_ptr<Alarm> again_;
};

}  // namespace vlmshim
