// argv, its words separated by line ends, over no configuration and over one with two servers.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

void finish(Config config, const CommandLine& line, bool ascii) {
    config.file = "vlmshim.toml";
    for (const std::string& problem : finish_config(config, line)) {
        require_printable(problem, "a problem is one line, without escape sequences");
        return;
    }
    require(!config.ports.guard.empty() || !config.servers.empty(), "without a server a port is guarded");
    require(line.mode != Mode::Run || !config.test.command.empty() || !config.servers.empty(),
            "a run has a command, or servers to serve");
    // What an argv may hold and a configuration not: an empty program name, bytes that are no UTF-8.
    const bool representable = config.test.command.empty() || !config.test.command.front().empty();
    if (!representable || !ascii) {
        return;
    }
    const ParsedConfig again = parse_config(print_config(config), config.file);
    require(again.errors.empty(), "what is printed is read back without errors");
    require(again.config == config, "what is printed is read back as the same");
}

}  // namespace

void command_line(std::string_view data) {
    std::vector<std::string> words;
    for (const std::string_view word : split(data, '\n')) {
        words.emplace_back(word.substr(0, word.find('\0')));  // no argument holds one
    }
    std::vector<const char*> arguments;
    for (const std::string& word : words) {
        arguments.push_back(word.c_str());
    }
    const CommandLine line = parse_command_line(arguments);
    for (const std::string& error : line.errors) {
        require_printable(error, "an error is one line, without escape sequences");
    }
    if (!line.errors.empty() || line.mode == Mode::Help || line.mode == Mode::Version) {
        return;
    }
    const bool ascii = std::all_of(data.begin(), data.end(), [](char c) { return c >= 0; });
    finish({}, line, ascii);
    Config two;
    two.servers.resize(2);
    two.servers[0].name = "small";
    two.servers[1].name = "large";
    two.servers[1].port = Port{8081};
    for (ServerConfig& server : two.servers) {
        server.command = {"serve"};
    }
    finish(two, line, ascii);
    two.servers.pop_back();
    finish(two, line, ascii);
}

}  // namespace fuzz
