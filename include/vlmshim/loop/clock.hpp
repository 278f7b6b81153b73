// Time as the parts of a run see it: that of the loop, or of a unit test.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Rings once for each start().
class Alarm {
public:
    virtual ~Alarm() = default;
    /// A running alarm is started again.
    virtual void start(Millis after) = 0;
    virtual void stop() = 0;
    /// Keeps the time left until resume(); start() and stop() end the pause.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Time until it rings, also while it is paused; nullopt: it is stopped.
    virtual std::optional<Millis> left() const = 0;
};

/// Outlives its alarms.
class Clock {
public:
    virtual ~Clock() = default;
    /// Never jumps.
    virtual Millis now() const = 0;
    virtual std::unique_ptr<Alarm> make_alarm(std::function<void()> rings) = 0;
};

}  // namespace vlmshim
