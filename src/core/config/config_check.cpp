#include "vlmshim/core/config/config_check.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/toml_text.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

namespace {

constexpr Port shortest{1};     // an address that is none with this one is none with any port
constexpr Port longest{65535};  // and one that is one with this one is one with every port: "auto" may be any

Port stand_in(std::optional<Port> port) {
    if (!port) {
        return shortest;
    }
    return *port == auto_port ? longest : *port;
}

/// What {port} makes of it, where that matters and is known.
std::string describe_filled(const std::string& text, std::optional<Port> port) {
    const std::string filled = substitute_port(text, stand_in(port));
    if (!port || filled == text) {
        return "is";
    }
    return "is " + quote_found(filled) + " with port " + std::to_string(stand_in(port).number) +
           (*port == auto_port ? ", which \"auto\" may choose," : ",");
}

std::optional<std::string> problem(const HttpProbe& probe, std::optional<Port> port) {
    const std::string url = substitute_port(probe.url, stand_in(port));
    if (url.substr(0, 8) == "https://") {
        return "is https: TLS is not supported, use tcp or exec";
    }
    if (!parse_http_url(url)) {
        return describe_filled(probe.url, port) +
               " no address of a server on this machine: write http://HOST:PORT/PATH, with localhost, an IPv4 or a "
               "bracketed IPv6 address as HOST, and {port} or 1 to 65535 as PORT";
    }
    return std::nullopt;
}

std::optional<std::string> problem(const TcpProbe& probe, std::optional<Port> port) {
    if (!parse_host_port(substitute_port(probe.address, stand_in(port)))) {
        return describe_filled(probe.address, port) +
               " no address of a server on this machine: write HOST:PORT, with localhost, an IPv4 or a bracketed IPv6 "
               "address as HOST, and {port} or 1 to 65535 as PORT";
    }
    return std::nullopt;
}

std::optional<std::string> problem(const ExecProbe& probe, std::optional<Port>) {
    if (probe.command.empty() || probe.command.front().empty()) {
        return "names no command";
    }
    return std::nullopt;
}

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// The name may be one that was refused: nothing of it reaches a terminal raw.
std::string quote_name(const ServerConfig& server) {
    return "'" + toml_key(server.name) + "'";
}

}  // namespace

std::optional<std::string> probe_problem(const Ready& ready, std::optional<Port> port) {
    return std::visit([&](const auto& probe) { return problem(probe, port); }, ready.probe);
}

std::optional<std::string> server_name_problem(const std::string& name) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_char)) {
        return "must be made of letters, digits, '-' and '_'";
    }
    return std::nullopt;
}

std::optional<std::string> name_clash(const ServerConfig& earlier, const ServerConfig& later) {
    if (earlier.name == later.name) {
        return "two servers have the name " + quote_name(later) + ": each needs one of its own";
    }
    if (port_variable(earlier.name) == port_variable(later.name)) {
        return "the servers " + quote_name(earlier) + " and " + quote_name(later) + " would share the variable " +
               port_variable(later.name);
    }
    return std::nullopt;
}

std::optional<std::string> port_clash(const ServerConfig& earlier, const ServerConfig& later) {
    if (earlier.port == later.port && later.port != auto_port) {
        return "port " + std::to_string(later.port.number) + " is already that of the server " + quote_name(earlier) +
               ": each needs one of its own";
    }
    return std::nullopt;
}

std::optional<Output> parse_output(std::string_view text) {
    constexpr std::string_view to_file = "file:";
    if (text.starts_with(to_file)) {
        return Output{OutputMode::File, std::string(text.substr(to_file.size()))};
    }
    const std::optional<OutputMode> mode = find_choice<OutputMode>(text);
    return mode ? std::optional(Output{*mode, ""}) : std::nullopt;
}

std::vector<std::string> output_words() {
    std::vector<std::string> words = choice_names<OutputMode>();
    words.emplace_back("file:PATH");
    return words;
}

std::string list_quoted(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : ", ") + toml_string(word);
    }
    return list;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, char quote) {
    const std::optional<std::string> near = nearest(word, candidates);
    return near ? ", did you mean " + (quote + *near) + quote + "?" : std::string();
}

}  // namespace vlmshim
