// Reports when no process listens on a port any more: the end of the one that did is watched. Not noticed are the end
// of a process that cannot be seen, and a process that closes its port and lives on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/loop/process_watch.hpp"

namespace vlmshim {

class ListenerWatch {
public:
    struct Hooks {
        /// Which of the processes that matter hold these.
        std::function<os::HolderSearch(const std::vector<Listener>&)> holders;
        WatchProcess watch;
        /// None of them does any more; `last`: the last one that was seen to.
        std::function<void(std::optional<ProcessIdentity> last)> lost;
        /// One of them does again. Empty: that is not looked for.
        std::function<void(const ProcessIdentity& process)> found{};
    };

    ListenerWatch(Clock& clock, const Sockets& sockets, Port port, Hooks hooks);

    /// Looks, and may call back at once.
    void look();
    void stop();
    /// Whether there is a process whose end would be noticed.
    bool watches() const { return watch_ != nullptr; }

private:
    void report_lost();

    const Sockets& sockets_;
    Port port_;
    Hooks hooks_;
    std::unique_ptr<Alarm> look_again_;
    std::unique_ptr<ProcessWatch> watch_;
    std::optional<ProcessIdentity> last_;
    bool lost_ = false;
    int unseen_ = 0;  // looks that found listeners without a visible process
};

}  // namespace vlmshim
