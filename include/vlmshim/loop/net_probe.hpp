// One readiness probe over the network: connect, for http ask and read one status line, hang up.
#pragma once

#include <functional>
#include <memory>

#include "vlmshim/loop/loop.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim::loop {

/// The connection is closed at once: an open one would delay the server's exit.
class NetProbe final : public Probe {
public:
    NetProbe(Loop& loop, NetTarget target, std::function<void(const NetAnswer&)> answered);
    ~NetProbe() override;
    NetProbe(const NetProbe&) = delete;
    NetProbe& operator=(const NetProbe&) = delete;

private:
    class Attempt;
    std::shared_ptr<Attempt> attempt_;
};

/// NetProbes of this loop, which outlives it.
AskNetwork ask_network(Loop& loop);

}  // namespace vlmshim::loop
