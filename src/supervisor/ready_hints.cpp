#include "vlmshim/supervisor/ready_hints.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

ReadyHints::ReadyHints(Clock& clock, Hooks hooks)
    : hooks_(std::move(hooks)), again_(clock.make_alarm([this] { look(); })) {}

void ReadyHints::start() {
    pause_ = ready_hint_first;
    again_->start(pause_);
}

void ReadyHints::stop() {
    again_->stop();
}

/// Reported when found twice: a server may listen elsewhere for a moment before it listens on its port.
void ReadyHints::look() {
    const std::string before = std::exchange(last_, hooks_.look());
    if (!last_.empty() && last_ == before && !std::exchange(was_reported_, true)) {
        hooks_.found(last_);
    }
    pause_ = std::min(pause_ * 3 / 2, ready_hint_longest);
    again_->start(last_ == before ? pause_ : ready_hint_first);
}

}  // namespace vlmshim
