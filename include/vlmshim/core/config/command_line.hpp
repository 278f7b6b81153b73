// vlmshim's own options: one table serves the parser, --help, and the tests that compare the documents with it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/completions.hpp"
#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

enum class Mode { Run, Check, Init, Completions, Who, Free, Runs, Help, Version };
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
    std::string unquoted_server;                             // see Typed
    std::optional<Ready> ready;                              // -r; its timeout is not used
    std::vector<Port> ports;                                 // -p, and the words after --who and --free
    std::optional<Millis> timeout;                           // -t
    std::optional<Millis> grace;                             // -g
    std::optional<Busy> busy;                                // -b
    std::optional<Output> output;                            // -o
    std::optional<Isolation> isolation;                      // --isolate
    std::optional<LogLevel> log_level;                       // -v, -q, --log-level; the last one wins
    std::optional<LogFormat> log_format;
    std::vector<std::string> reports;  // --report; empty: those of the file
    std::optional<Shell> shell;        // --completions
    std::vector<std::string> command;  // after the options
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
    Runs,
    Check,
    Init,
    Completions,
    Help,
    Version,
};

struct OptionSpec {
    Option option;
    char letter;                // 0: none
    std::string_view name;      // without "--"
    std::string_view argument;  // its name in --help; empty: the option takes none
    std::string_view help;
};

/// Every option, in the order of --help.
std::span<const OptionSpec> option_table();

/// Whether an option has a meaning in the mode of --who, --free, --runs, --init or --completions.
bool fits_mode(Option option, Mode mode);

/// Takes argv[1..]. Options end at "--" or at the first other word, where the command begins. But after --who and
/// --free words are ports, after --help a word is the topic, and options may follow.
CommandLine parse_command_line(std::span<const char* const> arguments);
/// Takes the arguments of main() and skips argv[0]. Without an argv[0] the result is an error: argc is 0, or 1 with the
/// empty name that Linux adds from 5.18 on, execve(2).
CommandLine parse_main_arguments(int argc, const char* const* argv);

std::string help_text();

/// Lets the options override the file's values and fills in the rest: the guarded ports, and the single server's port
/// (the first -p). Returns what makes the result unusable: two servers with one port or one name, a probe that is not a
/// valid address once {port} is filled in, ... `searched`: the folders in which no vlmshim.toml was found, for
/// messages.
std::vector<std::string> finish_config(Config& config, const CommandLine& line,
                                       const std::vector<std::string>& searched = {});

}  // namespace vlmshim
