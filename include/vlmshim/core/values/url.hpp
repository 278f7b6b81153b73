// The address of a readiness probe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "localhost", an address, or the name of another machine.
struct Host {
    std::string text;                // as written, an IPv6 address in its brackets
    std::vector<Address> addresses;  // to try in this order; none: a name that has to be resolved
};

/// http://host:port/path, or https
struct HttpUrl {
    Host host;
    Port port;
    std::string path;  // with the query, starts with '/'
    bool is_tls = false;
};

/// host:port
struct HostPort {
    Host host;
    Port port;
};

/// nullopt when it is neither http:// nor https://, the host is invalid, or the port is out of range. The port defaults
/// to 80 or 443, the path to "/".
std::optional<HttpUrl> parse_http_url(std::string_view text);
/// For TLS and for resolving a name.
bool needs_curl(const HttpUrl& url);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; no other names.
std::optional<HostPort> parse_host_port(std::string_view text);

/// 1..65535, digits only.
std::optional<Port> parse_port(std::string_view text);

/// Every "{port}" in the text replaced by the number.
std::string substitute_port(std::string_view text, Port port);
/// In each of the words.
std::vector<std::string> substitute_port(const std::vector<std::string>& words, Port port);

}  // namespace vlmshim
