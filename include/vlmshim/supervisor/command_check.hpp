// A command that says whether a server is ready: the configuration's exec, or curl(1).
#pragma once

#include <memory>
#include <string>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/ready_check.hpp"

namespace vlmshim {

/// One command at a time. It may outlive a pause of its check: then it is waited for, not started again.
class CommandCheck final : public ReadyCheck {
public:
    /// All references outlive it.
    CommandCheck(TakeAnswer answer, Clock& clock, const Ready& ready, ProbeCommand command, std::string target,
                 const ReadyHooks& hooks);

    std::string target() const override { return target_; }
    void ask() override;
    void stop() override;
    void command_ended(ExitStatus status, const std::string& output) override;

private:
    void kill_hung();
    ReadyAnswer answer_of(ExitStatus status, const std::string& output) const;

    TakeAnswer answer_;
    const Ready& ready_;
    ProbeCommand command_;
    std::string target_;
    const ReadyHooks& hooks_;
    bool is_asked_ = false;
    bool runs_ = false;
    bool hung_ = false;
    Millis limit_ = probe_command_limit;
    std::unique_ptr<Alarm> limit_alarm_;
};

}  // namespace vlmshim
