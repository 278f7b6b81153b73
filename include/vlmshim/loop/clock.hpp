// Time as the parts of a run see it: the loop's, or a test's.
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
    /// Again from now if it runs already.
    virtual void start(Millis after) = 0;
    virtual void stop() = 0;
    /// Stops the time of a running one until resume(); start() and stop() end a pause.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Until it rings, also while it is paused; nullopt: it will not.
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
