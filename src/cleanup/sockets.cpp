#include "vlmshim/cleanup/sockets.hpp"

namespace vlmshim {

os::ListenerTable SystemSockets::listeners_on(const std::vector<Port>& ports) const {
    return os::listeners_on(ports);
}

os::HolderSearch SystemSockets::holders_of(const std::vector<Listener>& listeners) const {
    return os::find_holders(listeners);
}

os::HolderSearch SystemSockets::holders_among(const std::vector<Pid>& processes,
                                              const std::vector<Listener>& listeners) const {
    return os::find_holders_among(processes, listeners);
}

std::vector<Listener> SystemSockets::all_listeners() const {
    return os::all_listeners();
}

std::vector<std::string> SystemSockets::unix_sockets_of(const std::vector<Pid>& processes) const {
    return os::unix_sockets_of(processes);
}

os::Bind SystemSockets::bind_to(Port port) const {
    std::error_code ignored;
    const os::Bind v4 = os::try_bind(port, IpVersion::V4, ignored);
    const os::Bind v6 = os::try_bind(port, IpVersion::V6, ignored);
    if (v4 == os::Bind::Held || v6 == os::Bind::Held) {
        return os::Bind::Held;
    }
    return v4 == os::Bind::Free ? v6 : v4;
}

Port SystemSockets::find_free_port() const {
    return os::find_free_port();
}

}  // namespace vlmshim
