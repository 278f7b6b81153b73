// Notices when nobody listens on a port any more: the kernel tells when the process that did has ended. Not noticed:
// the end of a process that cannot be seen, and one that lives on and only closes its port.
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
        /// Those who listen there, of the processes that matter.
        std::function<os::HolderSearch(const std::vector<Listener>&)> holders;
        WatchProcess watch;
        /// Nobody of them does any more; `last` did, as far as could be seen.
        std::function<void(std::optional<ProcessIdentity> last)> lost;
        /// Somebody does again. Without it nobody looks for that.
        std::function<void(const ProcessIdentity& process)> found{};
    };

    ListenerWatch(Clock& clock, const Sockets& sockets, Port port, Hooks hooks);

    /// Looks, and may call back at once.
    void look();
    void stop();
    /// Whether there is a process whose end would be noticed.
    bool watches() const { return watch_ != nullptr; }

private:
    void nobody_listens();

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
