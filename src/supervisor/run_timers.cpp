#include "vlmshim/supervisor/run_timers.hpp"

namespace vlmshim {

void RunTimers::start(const action::StartTimer& timer) {
    std::unique_ptr<Alarm>& alarm = alarms_[{timer.timer, timer.server}];
    if (!alarm) {
        alarm = clock_.make_alarm([this, fired = event::TimerFired{timer.timer, timer.server}] { report_(fired); });
    }
    alarm->start(timer.after);
}

void RunTimers::stop(const action::StopTimer& timer) {
    if (const auto found = alarms_.find({timer.timer, timer.server}); found != alarms_.end()) {
        found->second->stop();
    }
}

void RunTimers::stop_all() {
    for (auto& [key, alarm] : alarms_) {
        if (key.first != Timer::SameRequest) {
            alarm->stop();
        }
    }
}

void RunTimers::pause() {
    for (auto& [key, alarm] : alarms_) {
        alarm->pause();
    }
}

void RunTimers::resume() {
    for (auto& [key, alarm] : alarms_) {
        alarm->resume();
    }
}

std::optional<Millis> RunTimers::left(Timer timer, ServerId server) const {
    const auto found = alarms_.find({timer, server});
    return found == alarms_.end() ? std::nullopt : found->second->left();
}

}  // namespace vlmshim
