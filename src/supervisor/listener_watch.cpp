#include "vlmshim/supervisor/listener_watch.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

ListenerWatch::ListenerWatch(Clock& clock, const Sockets& sockets, Port port, Hooks hooks)
    : sockets_(sockets), port_(port), hooks_(std::move(hooks)), look_again_(clock.make_alarm([this] { look(); })) {}

void ListenerWatch::stop() {
    look_again_->stop();
    watch_.reset();
}

/// Only the oldest process is watched: of a server with workers it is the master. When it ends, the next one is.
void ListenerWatch::look() {
    stop();
    const os::ListenerTable table = sockets_.listeners_on({port_});
    if (table.error) {
        return;
    }
    const auto holders = hooks_.holders(table.listeners).holders;
    const auto oldest =
        std::min_element(holders.begin(), holders.end(), [](const os::Holder& one, const os::Holder& other) {
            return one.process.start_ticks < other.process.start_ticks;
        });
    if (oldest == holders.end() && (table.listeners.empty() || hooks_.found)) {
        report_lost();
        return;
    }
    if (oldest != holders.end()) {
        last_ = oldest->process;
        watch_ = hooks_.watch(oldest->process, [this] { look(); });
    }
    if (!watch_ && ++unseen_ < most_unseen_owners) {
        look_again_->start(unseen_owner_pause);  // just ending, or never to be seen
        return;
    }
    unseen_ = 0;
    if (std::exchange(lost_, false)) {
        hooks_.found(*last_);
    }
}

void ListenerWatch::report_lost() {
    if (hooks_.found) {
        look_again_->start(listens_again_pause);
    }
    if (!std::exchange(lost_, true)) {
        hooks_.lost(last_);
    }
}

}  // namespace vlmshim
