#include "vlmshim/core/config/ready_problems.hpp"

#include <algorithm>

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/core/values/log_match.hpp"
#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/core/values/toml_text.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

namespace {

constexpr Port shortest{1};     // an address that is invalid with this port is invalid with any
constexpr Port longest{65535};  // an address that is valid with this port is valid with any, so also with "auto"

bool holds_port(std::string_view text) {
    return text.find("{port}") != std::string_view::npos;
}

Port stand_in(std::optional<Port> port) {
    return port == auto_port ? longest : port.value_or(shortest);
}

/// "is", with the text as it reads once {port} is filled in.
std::string describe_filled(const std::string& text, std::optional<Port> port) {
    const std::string filled = substitute_port(text, stand_in(port));
    if (filled == text) {
        return "is";
    }
    return "is " + quote_found(filled) + " with port " + std::to_string(stand_in(port).number) +
           (port == auto_port ? ", which \"auto\" may choose," : ",");
}

std::optional<HttpUrl> url_of(const Ready& ready, std::optional<Port> port) {
    return parse_http_url(substitute_port(ready.http, stand_in(port)));
}

/// nullopt also for auto_port where the URL has {port}, which is not known yet.
std::optional<Port> http_port(const Ready& ready, Port port) {
    const auto url = parse_http_url(substitute_port(ready.http, port));
    return url ? std::optional(url->port) : std::nullopt;
}

std::optional<Port> tcp_port(const Ready& ready, Port port) {
    const auto where = parse_host_port(substitute_port(ready.tcp, port));
    return where ? std::optional(where->port) : std::nullopt;
}

/// {port} in the probe of a server without a port.
std::string missing_port(const std::string& text, const ServerConfig& server) {
    return holds_port(text) && !server.port ? "has {port}, and port = \"none\"" : "";
}

std::string http_problem(const ServerConfig& server) {
    const std::optional<HttpUrl> url = url_of(server.ready, server.port);
    if (url && (server.external || !url->host.addresses.empty())) {
        return {};
    }
    const std::string host =
        server.external ? "a name or an address" : "localhost, an IPv4 or a bracketed IPv6 address";
    return describe_filled(server.ready.http, server.port) + " no address of a server" +
           (server.external ? "" : " on this machine") + ": write /PATH or http://HOST:PORT/PATH, with " + host +
           " as HOST, and {port} or 1 to 65535 as PORT" +
           (url && !server.external ? "; a server elsewhere is external = true" : "");
}

std::string tcp_problem(const ServerConfig& server) {
    if (parse_host_port(substitute_port(server.ready.tcp, stand_in(server.port)))) {
        return {};
    }
    return describe_filled(server.ready.tcp, server.port) +
           " no address of a server on this machine: write HOST:PORT, with localhost, an IPv4 or a bracketed IPv6 "
           "address as HOST, and {port} or 1 to 65535 as PORT";
}

std::string log_problem(const ServerConfig& server) {
    const std::string filled = substitute_port(server.ready.log, stand_in(server.port));
    if (const std::string problem = LinePattern(filled).problem(); !problem.empty()) {
        return describe_filled(server.ready.log, server.port) +
               " no extended regular expression (regex(7)): " + problem;
    }
    if (server.external) {
        return "is looked for in the server's output, and that of an external one goes elsewhere";
    }
    if (server.output.mode == OutputMode::Discard) {
        return "is looked for in the server's output, and output = \"discard\" throws that away";
    }
    return server.output.mode == OutputMode::File && descriptor_named(server.output.path)
               ? "is looked for in the server's output, and " + server.output.path + " cannot be read back"
               : "";
}

std::string exec_problem(const ServerConfig& server) {
    if (server.ready.exec.front().empty()) {
        return "names no command";
    }
    const auto holding = std::find_if(server.ready.exec.begin(), server.ready.exec.end(), holds_port);
    return holding == server.ready.exec.end() ? "" : missing_port(*holding, server);
}

/// Nothing else can be wrong with a path.
std::string unix_problem(const ServerConfig&) {
    return {};
}

std::string options_problem(const ServerConfig& server) {
    const Ready& ready = server.ready;
    if (ready.http.empty() && (!ready.headers.empty() || ready.insecure || ready.status != Ready{}.status)) {
        return "status, headers and insecure are for http, and there is no http";
    }
    const auto url = url_of(ready, server.port);
    return ready.insecure && url && !url->is_tls ? "insecure is for https, and this is http" : "";
}

bool has_probe_without_port(const Ready& ready) {
    return !ready.unix_socket.empty() || !ready.exec.empty() || !ready.log.empty() || !ready.http.empty();
}

}  // namespace

std::vector<ReadyProblem> ready_problems(const ServerConfig& server) {
    std::vector<ReadyProblem> problems;
    const auto look = [&](std::string_view key, const std::string& value, const std::string& problem) {
        if (!problem.empty()) {
            problems.push_back({key, value, problem});
        }
    };
    const Ready& ready = server.ready;
    for (const auto& [key, value, problem] :
         {std::tuple("http", &ready.http, &http_problem), std::tuple("tcp", &ready.tcp, &tcp_problem),
          std::tuple("unix", &ready.unix_socket, &unix_problem), std::tuple("log", &ready.log, &log_problem)}) {
        if (!value->empty()) {
            const std::string missing = missing_port(*value, server);
            look(key, *value, missing.empty() ? problem(server) : missing);
        }
    }
    if (!ready.exec.empty()) {
        look("exec", "", exec_problem(server));
    }
    if (problems.empty()) {
        look("http", ready.http, options_problem(server));
    }
    if (problems.empty() && !server.port && !has_probe_without_port(ready)) {
        look("", "",
             "is not enough with port = \"none\": give unix, exec or log, or an http with a port of its own, so that "
             "something says when it is ready");
    }
    return problems;
}

std::string complete_url(std::string_view text) {
    return (text.starts_with('/') ? "http://localhost:{port}" : "") + std::string(text);
}

std::optional<Ready> parse_ready(std::string_view text) {
    constexpr std::string_view tcp = "tcp://";
    Ready ready;
    if (text.starts_with(tcp)) {
        ready.tcp = text.substr(tcp.size());
    } else if (text.starts_with('/') || text.starts_with("http")) {
        ready.http = complete_url(text);
    } else {
        return std::nullopt;
    }
    return ready;
}

std::optional<Port> own_port(const Ready& ready) {
    for (const auto port_of : {&http_port, &tcp_port}) {
        const std::optional<Port> one = port_of(ready, shortest);
        if (one && one == port_of(ready, longest)) {
            return one;
        }
    }
    return std::nullopt;
}

void settle_port(ServerConfig& server) {
    if (const auto own = own_port(server.ready); own && !server.port_given) {
        server.port = own;
    }
}

std::vector<Port> other_ports(const Ready& ready, std::optional<Port> port) {
    std::vector<Port> ports;
    for (const auto port_of : {&http_port, &tcp_port}) {
        const std::optional<Port> one = port_of(ready, port.value_or(shortest));
        if (one && one != port && std::find(ports.begin(), ports.end(), *one) == ports.end()) {
            ports.push_back(*one);
        }
    }
    return ports;
}

bool is_on_this_machine(const Ready& ready, Port port) {
    const auto url = url_of(ready, port);
    return !url || !url->host.addresses.empty();
}

bool needs_curl(const Ready& ready, std::optional<Port> port) {
    const auto url = url_of(ready, port);
    return url && needs_curl(*url);
}

std::optional<StatusRange> parse_status(std::string_view text) {
    constexpr int lowest = 200;  // below are informational answers, which are skipped
    constexpr int highest = 599;
    int number = 0;
    if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '2' && text[0] <= '5') {
        const int hundreds = (text[0] - '0') * 100;
        return StatusRange{hundreds, hundreds + 99};
    }
    if (text.size() != 3 || !read_number(text, number) || number < lowest || number > highest) {
        return std::nullopt;
    }
    return StatusRange{number, number};
}

bool counts_as_ready(const Ready& ready, int status) {
    return std::any_of(ready.status.begin(), ready.status.end(),
                       [&](const StatusRange& range) { return range.first <= status && status <= range.last; });
}

}  // namespace vlmshim
