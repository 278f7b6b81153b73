// {port} in commands, environments, URLs and addresses. The first two bytes are the port.
#include <algorithm>
#include <string>
#include <variant>

#include "fuzz.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

constexpr std::string_view placeholder = "{port}";

/// By taking the text apart and joining it; no code of the program.
std::string joined(std::string_view text, const std::string& number) {
    std::string result;
    for (std::size_t at = text.find(placeholder); at != std::string_view::npos; at = text.find(placeholder)) {
        result += std::string(text.substr(0, at)) + number;
        text.remove_prefix(at + placeholder.size());
    }
    return result + std::string(text);
}

void text_with_port(std::string_view text, Port port) {
    const std::string filled = substitute_port(text, port);
    require(filled == joined(text, std::to_string(port.number)), "each {port} is the number, and nothing else changes");
    require(filled.find(placeholder) == std::string::npos, "no {port} is left, and none is made");
    require(substitute_port(filled, Port{1}) == filled, "filled in twice it is the same");
}

void command_with_port(std::string_view text, Port port) {
    const auto split = split_command(text);
    const auto* argv = std::get_if<std::vector<std::string>>(&split);
    if (argv == nullptr) {
        return;
    }
    const std::vector<std::string> filled = substitute_port(*argv, port);
    require(filled.size() == argv->size(), "a port makes no word more or less");
    for (std::size_t i = 0; i < filled.size(); ++i) {
        require(filled[i] == joined((*argv)[i], std::to_string(port.number)), "a word is filled in by itself");
    }
}

/// What ready_problems makes of one key of [server.ready].
std::vector<ReadyProblem> problems_of(std::string Ready::*key, const std::string& text, Port port) {
    ServerConfig server;
    server.port = port;
    server.ready.*key = text;
    return ready_problems(server);
}

/// With "auto" any port may be chosen, so what is accepted has to be an address with each.
template <typename Parse>
void probe_with_port(std::string Ready::*key, const std::string& text, Port port, Parse parse) {
    if (text.empty()) {
        return;  // the key is not there
    }
    const bool is_address = parse(substitute_port(text, port)).has_value();
    require(is_address || !problems_of(key, text, auto_port).empty(), "what is accepted for any port is one with each");
    const auto problems = problems_of(key, text, port);
    require(is_address || !problems.empty(), "what is accepted is an address");
    for (const ReadyProblem& problem : problems) {
        require_printable(problem.message, "a refusal is one line");
    }
}

}  // namespace

void port_text(std::string_view data) {
    Feed feed(data);
    const Port port{static_cast<std::uint16_t>(1 + feed.below(65'535))};
    const std::string text(feed.rest());
    text_with_port(text, port);
    command_with_port(text, port);
    probe_with_port(&Ready::http, text, port, parse_http_url);
    probe_with_port(&Ready::tcp, text, port, parse_host_port);
    const auto url = parse_http_url(substitute_port("http://localhost:{port}/" + text, port));
    require(!url || (url->port == port && url->host.text == "localhost"), "a path does not change where a probe goes");
    if (port != auto_port) {
        const std::string env = substitute_port("{port}" + text, port);
        require(env.starts_with(std::to_string(port.number)), "a value begins with what it began with");
    }
}

}  // namespace fuzz
