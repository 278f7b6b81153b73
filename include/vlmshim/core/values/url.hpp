// Where a readiness probe goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// http://host:port/path. The host is "localhost", an IPv4 or an IPv6 literal (no brackets here).
struct HttpUrl {
    std::string host;
    Port port;
    std::string path;  // with the query, starts with '/'
};

/// host:port
struct HostPort {
    std::string host;
    Port port;
};

/// nullopt when it is not http://, the host is empty or no literal, or the port is out of range.
/// Without a port: 80; without a path: "/".
std::optional<HttpUrl> parse_http_url(std::string_view text);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
std::optional<HostPort> parse_host_port(std::string_view text);

/// 1..65535, digits only.
std::optional<Port> parse_port(std::string_view text);

/// Every "{port}" in the text replaced by the number.
std::string substitute_port(std::string_view text, Port port);

}  // namespace vlmshim
