#include "vlmshim/core/values/url.hpp"

#include <algorithm>

#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

/// `prefix` is in lower case; the case of `text` matters not.
bool has_prefix(std::string_view text, std::string_view prefix) {
    const auto same = [](char expected, char found) {
        return expected == (found >= 'A' && found <= 'Z' ? found - 'A' + 'a' : found);
    };
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), same);
}

/// Four decimal numbers; no leading zeros, which some resolvers read as octal.
bool is_ipv4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        const std::size_t dot = text.find('.');
        const std::string_view number = text.substr(0, dot);
        std::uint8_t byte = 0;
        if (!read_number(number, byte) || (number.size() > 1 && number[0] == '0')) {
            return false;
        }
        if ((dot == std::string_view::npos) != (part == 3)) {
            return false;
        }
        text.remove_prefix(part == 3 ? text.size() : dot + 1);
    }
    return true;
}

/// The number of 16-bit groups in "1:2:3" or "1:2:127.0.0.1"; nullopt when one is malformed.
std::optional<int> count_groups(std::string_view text, bool may_end_in_ipv4) {
    int groups = 0;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        std::uint16_t value = 0;
        if (colon == std::string_view::npos && may_end_in_ipv4 && is_ipv4(group)) {
            return groups + 2;
        }
        if (group.size() > 4 || !read_number(group, value, 16) || colon == text.size() - 1) {
            return std::nullopt;
        }
        ++groups;
        text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    }
    return groups;
}

/// RFC 4291 section 2.2, without zones.
bool is_ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        return count_groups(text, true) == 8;
    }
    const std::optional<int> front = count_groups(text.substr(0, gap), false);
    const std::optional<int> back = count_groups(text.substr(gap + 2), true);
    return front && back && *front + *back <= 7;
}

/// Reads "host" or "[host]" off the front; what is left starts behind it.
std::optional<std::string> take_host(std::string_view& text) {
    if (!text.empty() && text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) {
            return std::nullopt;
        }
        std::string host(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
        return host;
    }
    const std::string_view host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
    constexpr std::string_view localhost = "localhost";
    if (host.size() == localhost.size() && has_prefix(host, localhost)) {
        return std::string(localhost);
    }
    return is_ipv4(host) ? std::optional(std::string(host)) : std::nullopt;
}

/// What may stand in a request line; the rest would have to be percent-encoded.
bool is_request_char(char c) {
    return c > ' ' && c < 0x7f;
}

}  // namespace

std::optional<Port> parse_port(std::string_view text) {
    Port port;
    if (!read_number(text, port.number) || port.number == 0) {
        return std::nullopt;
    }
    return port;
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (!has_prefix(text, scheme)) {
        return std::nullopt;
    }
    text.remove_prefix(scheme.size());
    text = text.substr(0, text.find('#'));  // a fragment stays with the client, RFC 3986 section 3.5
    const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, authority_end);
    std::string path(text.substr(authority_end));
    if (path.empty() || path.front() == '?') {
        path.insert(path.begin(), '/');
    }
    const std::optional<std::string> host = take_host(authority);
    if (!host || !std::all_of(path.begin(), path.end(), is_request_char)) {
        return std::nullopt;
    }
    if (authority.empty()) {
        return HttpUrl{*host, Port{80}, path};
    }
    const std::optional<Port> port = parse_port(authority.substr(1));
    if (authority.front() != ':' || !port) {
        return std::nullopt;
    }
    return HttpUrl{*host, *port, path};
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    const std::optional<std::string> host = take_host(text);
    if (!host || text.empty() || text.front() != ':') {
        return std::nullopt;
    }
    const std::optional<Port> port = parse_port(text.substr(1));
    return port ? std::optional(HostPort{*host, *port}) : std::nullopt;
}

std::string substitute_port(std::string_view text, Port port) {
    constexpr std::string_view placeholder = "{port}";
    std::string result;
    for (;;) {
        const std::size_t found = text.find(placeholder);
        result += text.substr(0, found);
        if (found == std::string_view::npos) {
            return result;
        }
        result += std::to_string(port.number);
        text.remove_prefix(found + placeholder.size());
    }
}

}  // namespace vlmshim
