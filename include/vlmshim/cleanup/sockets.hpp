// What the clean-up reads of listening sockets: the seam between its decisions and the kernel.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/values/listener.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/bind.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim {

class Sockets {
public:
    virtual ~Sockets() = default;

    /// os::listeners_on
    virtual os::ListenerTable listeners_on(const std::vector<Port>& ports) const = 0;
    /// os::find_holders
    virtual os::HolderSearch holders_of(const std::vector<Listener>& listeners) const = 0;
    /// The same among these processes only.
    virtual os::HolderSearch holders_among(const std::vector<Pid>& processes,
                                           const std::vector<Listener>& listeners) const = 0;
    /// os::all_listeners
    virtual std::vector<Listener> all_listeners() const = 0;
    /// os::unix_sockets_of
    virtual std::vector<std::string> unix_sockets_of(const std::vector<Pid>& processes) const = 0;
    /// A trial bind in both families: Free only if it worked in both, Held if it failed in one.
    virtual os::Bind bind_to(Port port) const = 0;
    /// os::find_free_port
    virtual Port find_free_port() const = 0;
};

/// Those of our network namespace.
class SystemSockets final : public Sockets {
public:
    os::ListenerTable listeners_on(const std::vector<Port>& ports) const override;
    os::HolderSearch holders_of(const std::vector<Listener>& listeners) const override;
    os::HolderSearch holders_among(const std::vector<Pid>& processes,
                                   const std::vector<Listener>& listeners) const override;
    std::vector<Listener> all_listeners() const override;
    std::vector<std::string> unix_sockets_of(const std::vector<Pid>& processes) const override;
    os::Bind bind_to(Port port) const override;
    Port find_free_port() const override;
};

}  // namespace vlmshim
