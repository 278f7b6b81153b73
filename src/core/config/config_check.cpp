#include "vlmshim/core/config/config_check.hpp"

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/values/server_name.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

/// Escaped, since the name may be one that was refused.
std::string quote_name(const ServerConfig& server) {
    return "'" + toml_key(server.name) + "'";
}

}  // namespace

std::optional<std::string> server_name_problem(const std::string& name) {
    if (!is_server_name(name)) {
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
    const bool is_elsewhere = earlier.external && later.external;
    if (later.port && earlier.port == later.port && later.port != auto_port && !is_elsewhere) {
        return "port " + std::to_string(later.port->number) + " is already that of the server " + quote_name(earlier) +
               ": each needs one of its own";
    }
    return std::nullopt;
}

std::vector<ServerProblem> external_problems(const ServerConfig& server) {
    std::vector<ServerProblem> problems;
    if (!server.external) {
        return problems;
    }
    const ServerConfig defaults;
    const auto refuse_unless = [&](bool fits, std::string_view key) {
        if (!fits) {
            problems.push_back({key, "has no meaning with external = true: somebody else starts and ends that server"});
        }
    };
    refuse_unless(server.command.empty(), "command");
    refuse_unless(server.owner == defaults.owner, "owner");
    refuse_unless(server.input == defaults.input, "stdin");
    refuse_unless(server.output == defaults.output, "output");
    refuse_unless(server.stop_signal == defaults.stop_signal, "stop_signal");
    refuse_unless(server.grace == defaults.grace, "grace");
    if (server.port == auto_port) {
        problems.push_back({"port", "must be the one that the external server has, found \"auto\""});
    }
    return problems;
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

std::string describe_search(const std::vector<std::string>& folders) {
    return folders.empty() ? "" : "no vlmshim.toml was found in " + list_quoted(folders);
}

}  // namespace vlmshim
