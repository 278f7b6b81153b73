#include "vlmshim/supervisor/reused_ports.hpp"

namespace vlmshim {

void ReusedPorts::watch(Port port) {
    watched_.push_back(std::make_unique<ListenerWatch>(
        clock_, sockets_, port,
        ListenerWatch::Hooks{.holders = [this](const auto& listeners) { return sockets_.holders_of(listeners); },
                             .watch = watch_,
                             .lost = [this, port](const auto&) { lost_(port); }}));
    watched_.back()->look();
}

}  // namespace vlmshim
