#include "vlmshim/supervisor/server_listener.hpp"

#include <algorithm>

namespace vlmshim {

void ServerListener::watch() {
    const auto holders = [this](const std::vector<Listener>& listeners) {
        return around_.sockets.holders_among(around_.processes_of(server_), listeners);
    };
    const auto watch_process = [this](const ProcessIdentity& process, std::function<void()> ended) {
        last_ = around_.processes.name_of(process.pid);
        return loop::watch_processes(around_.loop)(process, std::move(ended));
    };
    const auto found = [this](const ProcessIdentity& process) {
        around_.narrator.listens_again(config(), port(), process);
    };
    watch_ = std::make_unique<ListenerWatch>(around_.loop, around_.sockets, port(),
                                             ListenerWatch::Hooks{.holders = holders,
                                                                  .watch = watch_process,
                                                                  .lost = [this](const auto& last) { lost(last); },
                                                                  .found = found});
    watch_->look();
}

void ServerListener::stop() {
    if (watch_) {
        watch_->stop();
    }
}

/// Not reported for a server that ends as a whole, since it is about to be reaped, nor for one that never listened. A
/// process that ends closes its sockets before it is a zombie: one that was not watched in time may still be there.
void ServerListener::lost(std::optional<ProcessIdentity> last) {
    if (!last && seen_.value != 0) {
        last_ = "pid " + std::to_string(seen_.value);
    }
    const std::vector<Pid> rest = around_.processes_of(server_);
    const bool is_there = !last && std::find(rest.begin(), rest.end(), seen_) != rest.end();
    if ((!last && seen_.value == 0) || rest.empty() || is_there) {
        watch_->stop();
        return;
    }
    around_.recorder.listener_lost(server_);
    around_.report(event::ListenerLost{server_});
}

void ServerListener::log_lost() const {
    around_.narrator.listener_lost(config(), port(), last_);
}

}  // namespace vlmshim
