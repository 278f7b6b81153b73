#include <algorithm>
#include <array>

#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

namespace {

constexpr std::array<OptionSpec, 23> options{{
    {Option::Config, 'c', "config", "FILE", "read this file; without it $VLMSHIM_CONFIG, or the nearest vlmshim.toml"},
    {Option::NoConfig, 0, "no-config", "", "read no file"},
    {Option::Server, 's', "server", "CMD", "start this server before the test; {port} in it is the port"},
    {Option::Ready, 'r', "ready", "URL",
     "the server is ready when http://HOST:PORT/PATH (or just /PATH) answers 2xx, "
     "or tcp://HOST:PORT accepts"},
    {Option::Port, 'p', "port", "PORT",
     "guard this port; the first is the server's too; may be repeated; auto takes a free one; default 8080"},
    {Option::Timeout, 't', "timeout", "DUR", "end the test after this time: 90s, 2m, 1h30m"},
    {Option::Grace, 'g', "grace", "DUR", "time between asking a process to stop and SIGKILL"},
    {Option::Busy, 'b', "busy", "MODE",
     "if a port is taken before the run: fail, kill the holder, or reuse it; "
     "default fail"},
    {Option::Output, 'o', "output", "MODE", "what the servers print: capture (default), inherit, discard or file:PATH"},
    {Option::Isolate, 0, "isolate", "", "run in a PID namespace of its own: the kernel ends all of it with vlmshim"},
    {Option::Report, 0, "report", "FILE", "write a report of the run: *.html a page, else JSON; repeatable"},
    {Option::Verbose, 'v', "verbose", "", "say more; twice: everything"},
    {Option::Quiet, 'q', "quiet", "", "only warnings and errors; twice: only errors"},
    {Option::LogLevel, 0, "log-level", "LEVEL", "trace, debug, info, warning, error or off"},
    {Option::LogFormat, 0, "log-format", "FORMAT", "text, or json: one object a line"},
    {Option::Who, 0, "who", "", "list what listens on the guarded ports, or on those named after it; run nothing"},
    {Option::Free, 0, "free", "", "end what listens there, and prove the ports free; run nothing"},
    {Option::Runs, 0, "runs", "", "list your runs that are alive on this machine, for root those of all; run nothing"},
    {Option::Check, 0, "check", "",
     "validate the configuration, print it with every default, say what will not work, and run nothing"},
    {Option::Init, 0, "init", "", "write a vlmshim.toml to start from, for what is in this folder; never over one"},
    {Option::Completions, 0, "completions", "SHELL", "print the completions for bash, zsh or fish"},
    {Option::Help, 'h', "help", "", "print this help; with the word config: every key of vlmshim.toml"},
    {Option::Version, 'V', "version", "", "print the version and the commit"},
}};

constexpr std::string_view usage =
    R"(Usage: vlmshim [options] [--] command [argument...]
       vlmshim [options]            run [test] command of the configuration;
                                    without one: serve until told to stop
       vlmshim --who [PORT...] | --free [PORT...]
       vlmshim --runs | --init | --check | --completions SHELL | --help [config]

Runs a test command. A configured model server is started first and waited for.
When the test ends, in whatever way, the server and everything else that was
started is ended, and the guarded ports are proven free.

    vlmshim -- python3 vqa_test.py
    vlmshim -s 'llama-server -m model.gguf --port {port}' -r /health -- pytest

Options:
)";

constexpr std::string_view closing =
    R"(
Exit status:
  the test's own   it exited; when a signal killed it, vlmshim dies of the same
  124              the test ran past --timeout
  125              vlmshim failed: usage, configuration, port busy, server not
                   started, not ready in time or dead, processes left behind
  126, 127         the test command is not executable, or was not found
  --who            0 when a process listens, 1 when none does
  --runs           0 when a run is listed, 1 when there is none

Manual pages: vlmshim(1), vlmshim.toml(5), vlmshim-report(5)
)";

/// "  -p, --port PORT"
std::string left_column(const OptionSpec& spec) {
    std::string text = spec.letter == 0 ? "      " : std::string("  -") + spec.letter + ", ";
    text += "--" + std::string(spec.name);
    return spec.argument.empty() ? text : text + " " + std::string(spec.argument);
}

/// The help of one option, broken at blanks into a column that starts at `indent`.
std::string wrap(std::string_view help, std::size_t indent) {
    constexpr std::size_t screen = 80;
    const std::size_t width = screen - indent;
    std::string text;
    while (help.size() > width) {
        const std::size_t blank = help.rfind(' ', width);
        text += std::string(help.substr(0, blank)) + "\n" + std::string(indent, ' ');
        help.remove_prefix(blank + 1);
    }
    return text + std::string(help) + "\n";
}

}  // namespace

std::span<const OptionSpec> option_table() {
    return options;
}

std::string help_text() {
    std::size_t indent = 0;
    for (const OptionSpec& spec : options) {
        indent = std::max(indent, left_column(spec).size() + 2);
    }
    std::string text(usage);
    for (const OptionSpec& spec : options) {
        std::string left = left_column(spec);
        left.resize(indent, ' ');
        text += left + wrap(spec.help, indent);
    }
    return text + std::string(closing);
}

}  // namespace vlmshim
