// The ports of servers that are not ours and that the run uses (busy = "reuse"): reports when one is lost.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/supervisor/listener_watch.hpp"

namespace vlmshim {

class ReusedPorts {
public:
    /// Clock and sockets outlive it. `lost` is called once for a port on which no process listens any more.
    ReusedPorts(Clock& clock, const Sockets& sockets, WatchProcess watch, std::function<void(Port)> lost)
        : clock_(clock), sockets_(sockets), watch_(std::move(watch)), lost_(std::move(lost)) {}

    void watch(Port port);

private:
    Clock& clock_;
    const Sockets& sockets_;
    WatchProcess watch_;
    std::function<void(Port)> lost_;
    std::vector<std::unique_ptr<ListenerWatch>> watched_;
};

}  // namespace vlmshim
