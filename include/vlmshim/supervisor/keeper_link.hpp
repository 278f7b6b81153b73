// The supervisor's end of the link to the keeper.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/link.hpp"

namespace vlmshim {

class KeeperLink {
public:
    struct Hooks {
        std::function<void(const SignalInfo&)> relayed;  // a signal that reached the keeper
        std::function<void()> continued;                 // the shell has continued the job
        std::function<void()> lost;                      // once: the keeper was killed
    };

    /// `link` is borrowed; -1: there is no keeper (PID 1). The loop outlives it.
    KeeperLink(loop::Loop& loop, int link, Hooks hooks);

    bool is_up() const { return link_ >= 0; }
    /// Gone: there is no keeper any more.
    os::Sent send(const os::ToKeeper& message);
    /// After the loop: the signals that have arrived since.
    std::vector<SignalInfo> take_relayed();
    /// Borrowed; -1: the keeper is lost, or there was none.
    int descriptor() const { return link_; }

private:
    void read();
    void take(const os::ToSupervisor& message);

    int link_;
    Hooks hooks_;
    std::unique_ptr<loop::ReadableWatcher> watcher_;
};

}  // namespace vlmshim
