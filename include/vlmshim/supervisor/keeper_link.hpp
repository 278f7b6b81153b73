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
        std::function<void()> continued;                 // the shell's job goes on
        std::function<void()> lost;                      // once: the keeper was killed
    };

    /// `link` is borrowed; -1: there is no keeper (PID 1). The loop outlives it.
    KeeperLink(loop::Loop& loop, int link, Hooks hooks);

    bool is_up() const { return link_ >= 0; }
    /// Gone: there is nobody to be told.
    os::Sent tell(const os::ToKeeper& message);
    /// When the loop has ended: the signals that have come since.
    std::vector<SignalInfo> take_relayed();
    /// Borrowed; -1: there is none any more.
    int descriptor() const { return link_; }

private:
    void read();
    void take(const os::ToSupervisor& message);

    int link_;
    Hooks hooks_;
    std::unique_ptr<loop::ReadableWatcher> watcher_;
};

}  // namespace vlmshim
