// vlmshim's own options: one table serves parsing, --help and the tests that hold the documents
// together.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

enum class Mode { Run, Check, Init, Who, Free, Help, Version };
enum class HelpTopic { Options, Config };

/// The words after such an option are ports, and no command follows.
constexpr bool takes_ports(Mode mode) {
    return mode == Mode::Who || mode == Mode::Free;
}

struct CommandLine {
    Mode mode = Mode::Run;
    HelpTopic topic = HelpTopic::Options;    // the word after --help
    std::optional<std::string> config_file;  // -c
    bool no_config = false;
    std::optional<std::vector<std::string>> server_command;  // -s, split
    std::string unquoted_server;                             // as in Typed
    std::optional<Ready> ready;                              // -r; the timeout is not set by it
    std::vector<Port> ports;                                 // -p, and the words after --who and --free
    std::optional<Millis> timeout;                           // -t
    std::optional<Millis> grace;                             // -g
    std::optional<Busy> busy;                                // -b
    std::optional<Output> output;                            // -o
    std::optional<Isolation> isolation;                      // --isolate
    std::optional<LogLevel> log_level;                       // -v, -q, --log-level; the last one wins
    std::optional<LogFormat> log_format;
    std::optional<std::string> report;
    std::vector<std::string> command;  // what follows the options
    std::vector<std::string> errors;   // not empty: print them, exit 125
};

enum class Option {
    Config,
    NoConfig,
    Server,
    Ready,
    Port,
    Timeout,
    Grace,
    Busy,
    Output,
    Isolate,
    Report,
    Verbose,
    Quiet,
    LogLevel,
    LogFormat,
    Who,
    Free,
    Check,
    Init,
    Help,
    Version,
};

struct OptionSpec {
    Option option;
    char letter;                // 0: none
    std::string_view name;      // without "--"
    std::string_view argument;  // "" : takes none
    std::string_view help;
};

/// Every option, in the order of --help.
std::span<const OptionSpec> option_table();

/// Whether an option means anything with --who, --free or --init.
bool fits_mode(Option option, Mode mode);

/// argv[1..]. Parsing stops at "--" or at the first word that is no option: the command. After --who
/// and --free words are ports, after --help the topic, and options may follow them.
CommandLine parse_command_line(std::span<const char* const> arguments);
/// What main() gets, of which argv[0] is passed over. Where not even that was given the result is an error: argc is 0,
/// or Linux has put an empty name in its place (from 5.18 on; execve(2)).
CommandLine parse_main_arguments(int argc, const char* const* argv);

std::string help_text();

/// Lays the options over the file's values and fills in what is still open: guard ports, the
/// single server's port (the first -p). Returns what makes the result unusable: two servers on one
/// port or of one name, --ready without a server, a probe that is no valid address once {port} is
/// filled in, ... `searched`: the folders in which no vlmshim.toml was found, for what is said where one is missing.
std::vector<std::string> finish_config(Config& config, const CommandLine& line,
                                       const std::vector<std::string>& searched = {});

}  // namespace vlmshim
