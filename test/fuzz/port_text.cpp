// {port} in commands, environments, URLs and addresses. The first two bytes are the port.
#include <algorithm>
#include <string>
#include <variant>

#include "fuzz.hpp"
#include "vlmshim/core/config/config_check.hpp"
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

/// With "auto" any port may be chosen, so what is accepted has to be an address with each.
template <typename Probe, typename Parse>
void probe_with_port(Probe probe, std::string_view text, Port port, Parse parse) {
    const Ready ready{probe, Millis{1'000}};
    if (!probe_problem(ready, auto_port)) {
        require(parse(substitute_port(text, port)).has_value(), "what is accepted for any port can be asked on each");
    }
    const auto problem = probe_problem(ready, port);
    require(problem.has_value() != parse(substitute_port(text, port)).has_value() || text.starts_with("https://"),
            "what is accepted can be asked, what is refused cannot");
    require_printable(problem.value_or(""), "a refusal is one line");
}

}  // namespace

void port_text(std::string_view data) {
    Feed feed(data);
    const Port port{static_cast<std::uint16_t>(1 + feed.below(65'535))};
    const std::string text(feed.rest());
    text_with_port(text, port);
    command_with_port(text, port);
    probe_with_port(HttpProbe{text}, text, port, parse_http_url);
    probe_with_port(TcpProbe{text}, text, port, parse_host_port);
    const auto url = parse_http_url(substitute_port("http://localhost:{port}/" + text, port));
    require(!url || (url->port == port && url->host.text == "localhost"), "a path does not change where a probe goes");
    if (port != auto_port) {
        const std::string env = substitute_port("{port}" + text, port);
        require(env.starts_with(std::to_string(port.number)), "a value begins with what it began with");
    }
}

}  // namespace fuzz
