// Where a readiness probe goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "localhost", or an address.
struct Host {
    std::string text;                // as written, an IPv6 address in its brackets
    std::vector<Address> addresses;  // to be tried in this order, at least one
};

/// http://host:port/path
struct HttpUrl {
    Host host;
    Port port;
    std::string path;  // with the query, starts with '/'
};

/// host:port
struct HostPort {
    Host host;
    Port port;
};

/// nullopt when it is not http://, the host is empty or none of these, or the port is out of range.
/// Without a port: 80; without a path: "/".
std::optional<HttpUrl> parse_http_url(std::string_view text);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
std::optional<HostPort> parse_host_port(std::string_view text);

/// 1..65535, digits only.
std::optional<Port> parse_port(std::string_view text);

/// Every "{port}" in the text replaced by the number.
std::string substitute_port(std::string_view text, Port port);
/// In each of the words.
std::vector<std::string> substitute_port(const std::vector<std::string>& words, Port port);

}  // namespace vlmshim
