// The small grammars: commands, durations, addresses, signal names. A line each.
#include <string>
#include <variant>

#include "fuzz.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/url.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

void command(std::string_view text) {
    const auto split = split_command(text);
    if (const auto* error = std::get_if<ShellWordsError>(&split)) {
        require(!error->message.empty(), "an error says something");
        require_printable(error->message, "an error is one line, without escape sequences");
        return;
    }
    const auto& argv = std::get<std::vector<std::string>>(split);
    require(!argv.empty(), "a command has a word");
    const std::string joined = join_command(argv);
    require_printable(joined, "a command is shown as one line, without escape sequences");
    const bool for_bash = joined.find("$'") != std::string::npos;  // control characters: not ours to read back
    const auto again = split_command(joined);
    require(for_bash || (again.index() == 0 && std::get<0>(again) == argv), "a command as shown is the same command");
}

void duration(std::string_view text) {
    const auto parsed = parse_duration(text);
    if (!parsed) {
        require_printable(explain_bad_duration(text), "an explanation is one line");
        return;
    }
    require(*parsed >= Millis{0} && *parsed <= std::chrono::hours{1000}, "a duration is in range");
    require(parse_duration(format_duration(*parsed)) == parsed, "a duration as written is the same duration");
    require_printable(describe_duration(*parsed), "a description is one line");
}

void address(std::string_view text) {
    if (const auto url = parse_http_url(text)) {
        require(!url->host.text.empty() && url->port.number != 0 && url->path.starts_with('/'),
                "a URL has all its parts");
        require_printable(url->host.text + url->path, "neither host nor path can break the request");
    }
    if (const auto where = parse_host_port(text)) {
        require(!where->host.addresses.empty() && where->port.number != 0, "an address has both parts");
    }
    if (const auto port = parse_port(text)) {
        require(substitute_port("{port}", *port) == std::to_string(port->number), "a port is its number");
    }
    substitute_port(text, Port{65535});
}

void signal(std::string_view text) {
    if (const auto parsed = parse_signal(text)) {
        require(parsed->number >= 1 && parsed->number <= 64, "a signal is in range");
        require(parse_signal(signal_name(*parsed)) == parsed, "a signal as named is the same signal");
    }
}

}  // namespace

void words(std::string_view data) {
    constexpr std::size_t longest_word = 40;  // it takes the time of its square
    if (data.size() < longest_word) {
        nearest(data, {"SIGTERM", "grace", ""});
    }
    command(data);
    for (const std::string_view line : split(data, '\n')) {
        command(line);
        duration(line);
        address(line);
        signal(line);
    }
}

}  // namespace fuzz
