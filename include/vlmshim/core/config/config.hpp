// The configuration of a run: the values of vlmshim.toml(5) with every default filled in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// HTTP statuses that count as ready, `last` included: 200 to 299 for "2xx".
struct StatusRange {
    int first = 200;
    int last = 299;

    friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

/// When a server counts as ready: all given conditions must hold; without any, it has to listen on its port. An empty
/// text is not given. "{port}" is not replaced yet.
struct Ready {
    std::string http;                              // the URL of a GET that has to be answered
    std::vector<StatusRange> status{{200, 299}};   // with one of these statuses
    std::map<std::string, std::string> headers{};  // of the request; the values are secrets
    bool insecure = false;                         // https: accept any certificate
    std::string tcp{};                             // HOST:PORT where the server has to listen
    std::string unix_socket{};                     // the path of a socket that has to accept a connection
    std::vector<std::string> exec{};               // a command that has to exit with 0
    std::string log{};                             // an extended regular expression to match a line of output
    Millis timeout{120'000};

    friend bool operator==(const Ready&, const Ready&) = default;
};

enum class OutputMode { Capture, Inherit, Discard, File };

struct Output {
    OutputMode mode = OutputMode::Capture;
    std::string path;  // OutputMode::File only; absolute or relative to the working directory

    friend bool operator==(const Output&, const Output&) = default;
};

enum class OnExit { Fail, Ignore };
/// Which processes may hold a server's port: its own, or any (a daemon that its command only talks to).
enum class PortOwner { Tree, Any };
enum class Input { Null, Open };
enum class Busy { Fail, Kill, Reuse };
enum class Outsiders { Own, End, Report };
enum class Leftovers { Reap, Fail };
enum class Forward { Test, Group };
enum class Isolation { None, PidNamespace };
enum class LogFormat { Text, Json };
enum class LogLevel { Trace, Debug, Info, Warning, Error, Off };

/// port = "auto": a free port, chosen when the run starts (core/config/auto_ports.hpp).
inline constexpr Port auto_port{0};
/// The port of a server that names none.
inline constexpr Port default_port{8080};

struct ServerConfig {
    std::string name = "server";
    std::vector<std::string> command;        // "{port}" is not replaced yet; empty: the server is external
    std::optional<Port> port{default_port};  // nullopt: "none", it listens on no TCP port
    bool port_given = false;                 // otherwise finish_config takes it from the probe
    PortOwner owner = PortOwner::Tree;
    bool external = false;                   // not started by us: only waited for
    std::vector<std::string> after;          // names of servers that have to be ready before
    std::string cwd;                         // empty: the caller's working directory
    std::map<std::string, std::string> env;  // "{port}" in values is not replaced yet
    std::vector<std::string> unset_env;
    Input input = Input::Null;
    Output output;
    Signal stop_signal = sigterm;
    std::optional<Millis> grace;  // nullopt: shutdown_grace
    OnExit on_exit = OnExit::Fail;
    Ready ready;

    friend bool operator==(const ServerConfig&, const ServerConfig&) = default;
};

struct TestConfig {
    std::vector<std::string> command;
    std::string cwd;                         // empty: the caller's working directory
    std::map<std::string, std::string> env;  // "{port}" in values is not replaced yet
    std::vector<std::string> unset_env;
    std::optional<Millis> timeout;  // nullopt: none
    Millis grace{5'000};
    Leftovers leftovers = Leftovers::Reap;

    friend bool operator==(const TestConfig&, const TestConfig&) = default;
};

struct PortsConfig {
    std::vector<Port> guard;  // may contain auto_port several times; empty after finish_config: no port is guarded
    Busy busy = Busy::Fail;
    Outsiders outsiders = Outsiders::Own;
    std::vector<std::string> spare{"docker-proxy", "sshd"};

    friend bool operator==(const PortsConfig&, const PortsConfig&) = default;
};

struct SignalsConfig {
    Forward forward = Forward::Test;
    std::map<Signal, Signal> rewrite;

    friend bool operator==(const SignalsConfig&, const SignalsConfig&) = default;
};

struct LogConfig {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;

    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

/// What was given on the command line and not in the file. No key stands for it, so it makes no difference when two
/// configurations are compared.
struct Typed {
    bool test = false;
    bool server = false;
    /// With -s the server runs in the caller's working directory, but the exec probe of the file still runs here.
    std::string probe_cwd{};
    /// If -s has a single word and the command follows at once: the -s with the quotes that may have been forgotten.
    std::string unquoted_server{};

    friend bool operator==(const Typed&, const Typed&) { return true; }
};

struct Config {
    std::string file;  // that it was read from; empty: none
    Typed typed;
    std::vector<ServerConfig> servers;
    TestConfig test;
    PortsConfig ports;
    Millis shutdown_grace{3'000};
    SignalsConfig signals;
    LogConfig log;
    Isolation isolation = Isolation::None;
    std::vector<std::string> reports;  // paths of files, each once; empty: no report

    friend bool operator==(const Config&, const Config&) = default;
};

/// Without a test, but with a server of ours, the servers run until a signal.
bool serves(const Config& config);

/// The time from the stop signal to SIGKILL for this server.
Millis grace_of(const ServerConfig& server, const Config& config);

/// Where the exec probe of a server runs; empty: in the caller's working directory.
const std::string& probe_cwd(const ServerConfig& server, const Config& config);

/// Where the output of a server goes.
enum class OutputWay {
    Kept,           // read by us; its head and tail are shown when the server or the test fails
    ShownByLines,   // read by us and shown as it arrives, with the server's name before each line
    PassedThrough,  // the server has our standard output and error
    IntoFile,
    Discarded,
};

/// "capture" without a test is like "inherit": the user wants to see what the servers write. "inherit" passes through,
/// except where several servers would write into each other's lines, or where the readiness probe needs the output.
OutputWay output_way_of(const ServerConfig& server, const Config& config);

/// The variable with a server's port: "VLMSHIM_PORT_MY_MODEL" for the server "my-model".
std::string port_variable(const std::string& server_name);

/// The effective configuration as TOML with every key, as `vlmshim --check` prints it. Paths are already resolved
/// against the file's folder, so reading it back in the working directory gives the same Config, but for Config::file.
/// The first line is a comment that names the file; without a file, the folders that were `searched` for one.
std::string print_config(const Config& config, const std::vector<std::string>& searched = {});

/// The same, with "(not shown)" in place of each value of env and headers.
std::string print_config_without_secrets(const Config& config);

/// Every section and every key with its default, each under a comment with its meaning.
std::string explain_config();

}  // namespace vlmshim
