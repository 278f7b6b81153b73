// A clock that stands still until a test advances it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vlmshim/loop/clock.hpp"

namespace vlmshim::test {

class FakeClock final : public Clock {
public:
    Millis now() const override { return now_; }
    std::unique_ptr<Alarm> make_alarm(std::function<void()> rings) override {
        return std::make_unique<FakeAlarm>(*this, std::move(rings));
    }

    /// What is due until then rings, the earliest first and each at its own time, also what is started meanwhile.
    void advance(Millis time) {
        const Millis until = now_ + time;
        while (FakeAlarm* const next = next_until(until)) {
            now_ = std::max(now_, *next->due);
            next->due.reset();
            const auto rings = next->rings;  // it may destroy its own alarm
            rings();
        }
        now_ = until;
    }

private:
    struct FakeAlarm final : Alarm {
        FakeAlarm(FakeClock& its_clock, std::function<void()> what) : clock(its_clock), rings(std::move(what)) {
            clock.alarms_.push_back(this);
        }
        ~FakeAlarm() override { std::erase(clock.alarms_, this); }

        void start(Millis after) override {
            paused.reset();
            due = clock.now_ + after;
            started = ++clock.starts_;
        }
        void stop() override {
            paused.reset();
            due.reset();
        }
        void pause() override {
            if (due) {
                const Millis rest = *due - clock.now_;
                stop();
                paused = rest;
            }
        }
        void resume() override {
            if (paused) {
                start(*paused);
            }
        }

        std::optional<Millis> left() const override { return due ? std::optional(*due - clock.now_) : paused; }

        FakeClock& clock;
        std::function<void()> rings;
        std::optional<Millis> due;
        std::optional<Millis> paused;  // the time that is left then
        int started = 0;               // of two at one time the first that was started rings first
    };

    FakeAlarm* next_until(Millis until) const {
        FakeAlarm* next = nullptr;
        for (FakeAlarm* const alarm : alarms_) {
            const bool sooner = next == nullptr || (alarm->due && std::pair(*alarm->due, alarm->started) <
                                                                      std::pair(*next->due, next->started));
            if (alarm->due && *alarm->due <= until && sooner) {
                next = alarm;
            }
        }
        return next;
    }

    Millis now_{1'000};
    int starts_ = 0;
    std::vector<FakeAlarm*> alarms_;
};

}  // namespace vlmshim::test
