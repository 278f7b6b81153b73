// The timers that the lifecycle starts and stops.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/events.hpp"

namespace vlmshim {

class RunTimers {
public:
    /// The clock outlives it.
    RunTimers(Clock& clock, PushEvent report) : clock_(clock), report_(std::move(report)) {}

    void start(const action::StartTimer& timer);
    void stop(const action::StopTimer& timer);
    void stop_all();
    void pause();
    void resume();
    /// Until it fires; nullopt: it does not run.
    std::optional<Millis> left(Timer timer, ServerId server = {}) const;

private:
    Clock& clock_;
    PushEvent report_;
    std::map<std::pair<Timer, ServerId>, std::unique_ptr<Alarm>> alarms_;
};

}  // namespace vlmshim
