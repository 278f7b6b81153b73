// One listening TCP socket, and which of them a connection reaches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct Listener {
    Port port;
    Address address = Address::wildcard(IpVersion::V4);
    std::uint64_t inode = 0;             // 0: not known
    std::optional<std::uint32_t> uid{};  // of the process that created the socket; nullopt: cannot be known

    friend bool operator==(const Listener&, const Listener&) = default;
};

/// "127.0.0.1", "[::]"
std::string describe_host(const Address& address);

/// "127.0.0.1:8080", "[::]:8080"
std::string describe_address(const Listener& listener);

/// The listeners that a connection to `address` (nullopt: any) could reach: the exact matches, else the wildcards of
/// its version, else the IPv6 wildcard, which takes IPv4 too, ipv6(7). A connection to a wildcard address reaches
/// loopback.
std::vector<Listener> listeners_for(const std::vector<Listener>& listeners, const std::optional<Address>& address);

}  // namespace vlmshim
