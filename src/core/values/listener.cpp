#include "vlmshim/core/values/listener.hpp"

#include <algorithm>
#include <iterator>

namespace vlmshim {

std::string describe_host(const Address& address) {
    return address.is_v4() ? address.text() : "[" + address.text() + "]";
}

std::string describe_address(const Listener& listener) {
    return describe_host(listener.address) + ":" + std::to_string(listener.port.number);
}

std::vector<Listener> listeners_for(const std::vector<Listener>& listeners, const std::optional<Address>& address) {
    if (!address) {
        return listeners;
    }
    const IpVersion version = address->version();
    const Address reached = address->is_wildcard() ? Address::loopback(version) : *address;
    for (const Address& listened : {reached, Address::wildcard(version), Address::wildcard(IpVersion::V6)}) {
        std::vector<Listener> found;
        std::copy_if(listeners.begin(), listeners.end(), std::back_inserter(found),
                     [&](const Listener& listener) { return listener.address == listened; });
        if (!found.empty()) {
            return found;
        }
    }
    return {};
}

}  // namespace vlmshim
