#include "vlmshim/core/values/url.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

/// `prefix` is in lower case; the case of `text` does not matter.
bool has_prefix(std::string_view text, std::string_view prefix) {
    const auto same = [](char expected, char found) { return expected == to_small(found); };
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), same);
}

/// RFC 1123 section 2.1, plus the '_' in names of containers. With a number as its last part it could only be an
/// address.
bool is_name(std::string_view text) {
    const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
    const std::string_view last = text.substr(text.rfind('.') + 1);
    return std::all_of(text.begin(), text.end(), fits) && !text.starts_with('-') && !text.starts_with('.') &&
           text.find("..") == std::string_view::npos && last.find_first_not_of("0123456789") != std::string_view::npos;
}

/// Removes "host" or "[host]" from the front.
std::optional<Host> take_host(std::string_view& text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view whole = text.substr(0, bracketed ? end + 1 : end);
    const std::string_view inner = bracketed ? whole.substr(1, end - 1) : whole;
    text.remove_prefix(whole.size());
    constexpr std::string_view localhost = "localhost";
    if (whole.size() == localhost.size() && has_prefix(whole, localhost)) {
        // Not resolved: a resolver may be slow or absent.
        return Host{std::string(localhost), {Address::loopback(IpVersion::V4), Address::loopback(IpVersion::V6)}};
    }
    // Brackets are for IPv6, and only for that: RFC 3986 section 3.2.2.
    const bool has_colon = inner.find(':') != std::string_view::npos;
    const std::optional<Address> address = bracketed == has_colon ? Address::parse(inner) : std::nullopt;
    if (address) {
        return Host{std::string(whole), {*address}};
    }
    return !bracketed && is_name(whole) ? std::optional(Host{std::string(whole), {}}) : std::nullopt;
}

/// Allowed in a request line; other characters would have to be percent-encoded.
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
    constexpr std::string_view plain = "http://";
    constexpr std::string_view tls = "https://";
    const bool is_tls = has_prefix(text, tls);
    if (!is_tls && !has_prefix(text, plain)) {
        return std::nullopt;
    }
    text.remove_prefix((is_tls ? tls : plain).size());
    text = text.substr(0, text.find('#'));  // a fragment stays with the client, RFC 3986 section 3.5
    const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, authority_end);
    std::string path(text.substr(authority_end));
    if (path.empty() || path.front() == '?') {
        path.insert(path.begin(), '/');
    }
    const std::optional<Host> host = take_host(authority);
    if (!host || !std::all_of(path.begin(), path.end(), is_request_char)) {
        return std::nullopt;
    }
    if (authority.empty()) {
        return HttpUrl{*host, is_tls ? Port{443} : Port{80}, path, is_tls};
    }
    const std::optional<Port> port = parse_port(authority.substr(1));
    if (authority.front() != ':' || !port) {
        return std::nullopt;
    }
    return HttpUrl{*host, *port, path, is_tls};
}

bool needs_curl(const HttpUrl& url) {
    return url.is_tls || url.host.addresses.empty();
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    const std::optional<Host> host = take_host(text);
    if (!host || host->addresses.empty() || text.empty() || text.front() != ':') {
        return std::nullopt;
    }
    const std::optional<Port> port = parse_port(text.substr(1));
    return port ? std::optional(HostPort{*host, *port}) : std::nullopt;
}

std::vector<std::string> substitute_port(const std::vector<std::string>& words, Port port) {
    std::vector<std::string> done;
    for (const std::string& word : words) {
        done.push_back(substitute_port(std::string_view(word), port));
    }
    return done;
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
