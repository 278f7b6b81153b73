// One readiness probe over the network: connect, for http ask, read the answer to its end, close.
#pragma once

#include <functional>
#include <memory>

#include "vlmshim/loop/loop.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim::loop {

/// Calls back as soon as the status is known, which may take as long as it likes. What is left of the answer is read
/// after that, for a moment, so that no server is cut off while it writes.
class NetProbe final : public Probe {
public:
    class Ending;
    /// `ending` takes connections that outlive their probe; they are closed with it, before the loop goes.
    NetProbe(Loop& loop, NetTarget target, std::shared_ptr<Ending> ending,
             std::function<void(const NetAnswer&)> answered);
    ~NetProbe() override;
    NetProbe(const NetProbe&) = delete;
    NetProbe& operator=(const NetProbe&) = delete;

private:
    class Attempt;
    std::shared_ptr<Ending> ending_;
    std::shared_ptr<Attempt> attempt_;
};

/// NetProbes of this loop, which outlives it and what they leave open.
AskNetwork ask_network(Loop& loop);

}  // namespace vlmshim::loop
