// What --init writes: whatever stands in the folder, a vlmshim.toml that is read without an error.
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/config/first_config.hpp"

namespace fuzz {

using namespace vlmshim;

/// NUL between the parts. The first is the text of each file; the others are names of files, those with a blank in
/// front of programs.
void first_config(std::string_view data) {
    FolderFacts facts;
    const std::vector<std::string_view> parts = split(data, '\0');
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const bool is_program = parts[i].starts_with(' ');
        (is_program ? facts.programs : facts.files).emplace_back(parts[i].substr(is_program ? 1 : 0));
        facts.schema = "/" + std::string(parts[i]);
    }
    for (const std::string& name : files_to_read()) {
        facts.texts[name] = parts.empty() ? std::string() : std::string(parts.front());
    }
    const FirstConfig made = vlmshim::first_config(facts);
    require_printable(made.server, "the command of the server is one line");
    require_printable(made.test, "that of the test, too");
    ParsedConfig parsed = parse_config(made.text, "vlmshim.toml");
    require(parsed.errors.empty(), "it is read without an error");
    CommandLine check;
    check.mode = Mode::Check;
    require(finish_config(parsed.config, check).empty(), "it passes --check");
    require(made.server.empty() == parsed.config.servers.empty(), "a server is told if there is one");
    require(made.test.empty() == parsed.config.test.command.empty(), "and a test");
}

}  // namespace fuzz
