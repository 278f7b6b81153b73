#include "vlmshim/supervisor/reused_ports.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim {

ReusedPorts::ReusedPorts(loop::Loop& loop, std::function<void(Port)> lost) : loop_(loop), lost_(std::move(lost)) {}

void ReusedPorts::watch(Port port) {
    const std::size_t index = watched_.size();
    watched_.push_back(std::make_unique<Watched>(loop_, port, [this, index] { look(*watched_[index]); }));
    look(*watched_.back());
}

/// One process at a time is watched, the oldest one: of a server with workers that is the master, and
/// what matters in the end is whether anybody listens.
void ReusedPorts::look(Watched& watched) {
    watched.ended.reset();
    watched.process.reset();
    const os::ListenerTable table = os::listeners_on({watched.port});
    if (table.error) {
        return;
    }
    if (table.listeners.empty()) {
        lost_(watched.port);
        return;
    }
    const auto holders = os::find_holders(table.listeners).holders;
    const auto oldest =
        std::min_element(holders.begin(), holders.end(), [](const os::Holder& one, const os::Holder& other) {
            return one.process.start_ticks < other.process.start_ticks;
        });
    if (oldest != holders.end()) {
        watched.process = os::watch_end(oldest->process);
    }
    if (watched.process) {
        watched.unseen = 0;
        watched.ended =
            std::make_unique<loop::ReadableWatcher>(loop_, watched.process.get(), [this, &watched] { look(watched); });
    } else if (++watched.unseen < most_unseen_owners) {
        // Just ending, or never to be seen.
        watched.look_again.start(unseen_owner_pause);
    }
}

}  // namespace vlmshim
