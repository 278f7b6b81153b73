// Servers of others that the run uses (busy = "reuse"): notices when one is gone.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim {

class ReusedPorts {
public:
    /// `lost` is called once for a port on which nobody listens any more.
    ReusedPorts(loop::Loop& loop, std::function<void(Port)> lost);

    /// Costs nothing while the server lives: the kernel tells when its process ends. Not noticed: the end of a
    /// process that cannot be seen, and a server that lives on and only closes its port.
    void watch(Port port);

private:
    struct Watched {
        Watched(loop::Loop& loop, Port its_port, std::function<void()> look)
            : port(its_port), look_again(loop, std::move(look)) {}

        Port port;
        os::Fd process;
        std::unique_ptr<loop::ReadableWatcher> ended;
        loop::Timer look_again;
        int unseen = 0;  // looks that found listeners without a visible process
    };

    void look(Watched& watched);

    loop::Loop& loop_;
    std::function<void(Port)> lost_;
    std::vector<std::unique_ptr<Watched>> watched_;
};

}  // namespace vlmshim
