// vlmshim.toml: whatever it says, either errors or a Config that print_config gives back.
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

/// Whether a port was written or is the default: what is printed has every default written out.
Config with_ports_given(Config config) {
    for (ServerConfig& server : config.servers) {
        server.port_given = true;
    }
    return config;
}

bool is_same(const Config& one, const Config& other) {
    return with_ports_given(one) == with_ports_given(other);
}

}  // namespace

void config(std::string_view data) {
    const std::string file = "vlmshim.toml";
    ParsedConfig parsed = parse_config(data, file);
    for (const std::string& error : parsed.errors) {
        require(error.starts_with(file + ":"), "an error names its place");
        require_printable(error, "an error is one line, without escape sequences");
    }
    if (!parsed.errors.empty()) {
        return;
    }
    const ParsedConfig again = parse_config(print_config(parsed.config), file);
    require(again.errors.empty(), "what is printed is read back without errors");
    require(is_same(again.config, parsed.config), "what is printed is read back as the same");

    CommandLine check;
    check.mode = Mode::Check;
    if (!finish_config(parsed.config, check).empty()) {
        return;
    }
    require(!parsed.config.ports.guard.empty() || !parsed.config.servers.empty(), "without a server a port is guarded");
    const ParsedConfig finished = parse_config(print_config(parsed.config), file);
    require(finished.errors.empty() && is_same(finished.config, parsed.config), "the same once it is finished");
}

}  // namespace fuzz
