// vlmshim.toml: whatever it says, either errors or a Config that print_config gives back.
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"

namespace fuzz {

using namespace vlmshim;

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
    require(again.config == parsed.config, "what is printed is read back as the same");

    CommandLine check;
    check.mode = Mode::Check;
    if (!finish_config(parsed.config, check).empty()) {
        return;
    }
    require(!parsed.config.ports.guard.empty(), "a finished configuration guards a port");
    const ParsedConfig finished = parse_config(print_config(parsed.config), file);
    require(finished.errors.empty() && finished.config == parsed.config, "the same once it is finished");
}

}  // namespace fuzz
