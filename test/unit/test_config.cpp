#include <doctest/doctest.h>

#include <csignal>

#include "vlmshim/core/config_toml.hpp"
#include "vlmshim/core/config_choices.hpp"

using namespace vlmshim;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* file = "vlmshim.toml";

Config good(std::string_view text, const std::string& name = file) {
    const ParsedConfig parsed = parse_config(text, name);
    for (const std::string& error : parsed.errors) {
        FAIL_CHECK(error);
    }
    return parsed.config;
}

Lines errors_of(std::string_view text) {
    return parse_config(text, file).errors;
}

/// The one error of a text whose first line is a good [server].
std::string server_error(const std::string& keys) {
    const Lines errors = errors_of("server.command = ['x']\n" + keys);
    return errors.size() == 1 ? errors[0] : std::to_string(errors.size()) + " errors";
}

void check_round_trip(Config config) {
    const std::string printed = print_config(config);
    CAPTURE(printed);
    config.file = file;
    CHECK(good(printed) == config);
}

}  // namespace

TEST_CASE("an empty file is the defaults") {
    Config defaults;
    defaults.file = file;
    CHECK(good("") == defaults);
    CHECK(good("[test]\n[ports]\n[shutdown]\n[signals]\n[log]\n") == defaults);
}

TEST_CASE("every key is read") {
    const Config config = good(R"(
[server]
name = "smolvlm"
command = ["llama-server", "--port", "{port}"]
port = 9000
cwd = "models"
env = { LLAMA_ARG_CTX_SIZE = "4096", "odd name" = "{port}" }
unset_env = ["LLAMA_SERVER_ROUTER_PORT"]
output = "file:logs/server.log"
stop_signal = "int"
grace = "4s"
on_exit = "ignore"
[server.ready]
http = "http://127.0.0.1:{port}/health"
timeout = "10m"
[test]
command = "python3 'vqa test.py'"
timeout = "30m"
grace = "0s"
leftovers = "fail"
[ports]
guard = [9000, 9001, 9000]
busy = "reuse"
outsiders = "report"
spare = []
[shutdown]
grace = "1.5s"
[signals]
forward = "group"
rewrite = { SIGTERM = "SIGINT", HUP = "15" }
[log]
level = "trace"
format = "json"
)", "/etc/vlm/vlmshim.toml");
    REQUIRE(config.servers.size() == 1);
    const ServerConfig& server = config.servers[0];
    CHECK(server.name == "smolvlm");
    CHECK(server.command == Lines{"llama-server", "--port", "{port}"});
    CHECK(server.port == Port{9000});
    CHECK(server.cwd == "/etc/vlm/models");
    CHECK(server.env == std::map<std::string, std::string>{{"LLAMA_ARG_CTX_SIZE", "4096"}, {"odd name", "{port}"}});
    CHECK(server.unset_env == Lines{"LLAMA_SERVER_ROUTER_PORT"});
    CHECK(server.output == Output{OutputMode::File, "/etc/vlm/logs/server.log"});
    CHECK(server.stop_signal == Signal{SIGINT});
    CHECK(server.grace == 4s);
    CHECK(server.on_exit == OnExit::Ignore);
    CHECK(server.ready == Ready{HttpProbe{"http://127.0.0.1:{port}/health"}, 10min});
    CHECK(config.test == TestConfig{{"python3", "vqa test.py"}, 30min, 0ms, Leftovers::Fail});
    CHECK(config.ports == PortsConfig{{Port{9000}, Port{9001}, Port{9000}}, Busy::Reuse, Outsiders::Report, {}});
    CHECK(config.shutdown_grace == 1500ms);
    CHECK(config.signals ==
          SignalsConfig{Forward::Group, {{Signal{SIGTERM}, Signal{SIGINT}}, {Signal{SIGHUP}, Signal{SIGTERM}}}});
    CHECK(config.log == LogConfig{LogLevel::Trace, LogFormat::Json});
    CHECK(grace_of(server, config) == 4s);
    CHECK(grace_of(ServerConfig{}, config) == 1500ms);
    check_round_trip(config);
}

TEST_CASE("several servers, each with a port and a name of its own") {
    const Config config = good(R"(
[[server]]
name = "vlm"
command = "a"
port = 9000
[server.ready]
exec = "true"
[[server]]
name = "embed-1"
command = "b"
port = 9001
ready = { tcp = "[::1]:{port}", timeout = "5s" }
)");
    REQUIRE(config.servers.size() == 2);
    CHECK(config.servers[0].ready.probe == Ready{ExecProbe{{"true"}}}.probe);
    CHECK(config.servers[1].ready == Ready{TcpProbe{"[::1]:{port}"}, 5s});
    CHECK(port_variable("embed-1") == "VLMSHIM_PORT_EMBED_1");
    check_round_trip(config);
}

TEST_CASE("paths are relative to the file's folder") {
    const char* text = "[server]\ncommand='x'\ncwd='.'\noutput='file:log'\n";
    CHECK(good(text, "vlmshim.toml").servers[0].cwd == ".");
    CHECK(good(text, "vlmshim.toml").servers[0].output.path == "log");
    CHECK(good(text, "../conf/vlmshim.toml").servers[0].cwd == "../conf");
    CHECK(good(text, "/vlmshim.toml").servers[0].output.path == "/log");
    CHECK(good("[server]\ncommand='x'\ncwd='/srv'\n", "a/b.toml").servers[0].cwd == "/srv");
    CHECK(good("[server]\ncommand='x'\n", "a/b.toml").servers[0].cwd.empty());
}

TEST_CASE("an unknown key is an error that suggests the nearest one") {
    CHECK(errors_of("\n\n\n\n\n\n[sever]\n") == Lines{"vlmshim.toml:7:1: unknown key 'sever', did you mean 'server'?"});
    CHECK(errors_of("sever = 1") == Lines{"vlmshim.toml:1:1: unknown key 'sever', did you mean 'server'?"});
    CHECK(errors_of("[[sever]]") == Lines{"vlmshim.toml:1:1: unknown key 'sever', did you mean 'server'?"});
    CHECK(server_error("[server.ready]\ntiemout = '1s'") ==
          "vlmshim.toml:3:1: unknown key 'tiemout' in [server.ready], did you mean 'timeout'?");
    CHECK(server_error("server.ready = { timeout = '1s', htpt = 'x' }") ==
          "vlmshim.toml:2:34: unknown key 'htpt' in [server.ready], did you mean 'http'?");
    CHECK(errors_of("[log]\nbanana = 1") ==
          Lines{"vlmshim.toml:2:1: unknown key 'banana' in [log]; allowed are level, format"});
    for (const char* later : {"[report]\npath='x'", "[isolation]\npid_namespace=true", "[shutdown]\nafter='x'"}) {
        CAPTURE(later);
        CHECK(errors_of(later).size() == 1);
    }
}

TEST_CASE("all errors of a file at once, in file order") {
    CHECK(errors_of("[log]\nlevel = 'loud'\n[tset]\n[server]\nprot = 1\nport = 0\n[test]\ntimeout = 30\n") ==
          Lines{
              "vlmshim.toml:2:9: 'level' in [log] must be one of \"trace\", \"debug\", \"info\", \"warning\", "
              "\"error\", \"off\", found \"loud\"",
              "vlmshim.toml:3:1: unknown key 'tset', did you mean 'test'?",
              "vlmshim.toml:4:1: 'command' is missing in [server]: nothing says how to start it",
              "vlmshim.toml:5:1: unknown key 'prot' in [server], did you mean 'port'?",
              "vlmshim.toml:6:8: 'port' in [server] must be a port number from 1 to 65535, found the integer 0",
              "vlmshim.toml:8:11: 'timeout' in [test] needs a unit: write \"30s\", found the integer 30",
          });
}

TEST_CASE("wrong types are refused") {
    struct Row {
        const char* keys;
        const char* error;
    };
    for (const Row& row : {
             Row{"server.port = 'auto'", "'port' in [server] must be a port number from 1 to 65535, found the string \"auto\""},
             Row{"server.port = 70000", "'port' in [server] must be a port number from 1 to 65535, found the integer 70000"},
             Row{"server.port = 1.5", "'port' in [server] must be a port number from 1 to 65535, found a floating-point number"},
             Row{"server.name = true", "'name' in [server] must be a string, found true"},
             Row{"server.env = []", "'env' in [server] must be a table, found an array"},
             Row{"server.env.A = 1", "'A' in [server.env] must be a string, found the integer 1"},
             Row{"server.unset_env = 'A'", "'unset_env' in [server] must be an array of strings, found the string \"A\""},
             Row{"server.grace = 1979-05-27", "'grace' in [server] must be a duration such as \"1.5s\", found a date or a time"},
             Row{"test = 1", "'test' must be a table, found the integer 1"},
             Row{"ports.guard = 8080", "'guard' in [ports] must be an array of port numbers from 1 to 65535, found the integer 8080"},
             Row{"test.command = {}", "'command' in [test] must be an array of strings or one string, found a table"},
         }) {
        CAPTURE(row.keys);
        const std::string error = server_error(row.keys);
        CHECK(error.substr(0, 15) == "vlmshim.toml:2:");
        CHECK(error.substr(error.find(' ') + 1) == row.error);
    }
    CHECK(errors_of("server = 1")[0] == "vlmshim.toml:1:10: 'server' must be a table, found the integer 1");
    CHECK(errors_of("server = [1]")[0] ==
          "vlmshim.toml:1:11: 'server' must be a table or an array of tables, found the integer 1");
}

TEST_CASE("values that cannot work are refused") {
    for (const char* keys : {
             "server.name = ''", "server.name = 'a b'", "server.name = \"a\\u0000\"", "server.cwd = ''",
             "server.cwd = \"\\u0000\"", "server.env = { '' = 'x' }", "server.env = { 'A=B' = 'x' }",
             "server.env = { \"A\\u0000\" = 'x' }", "server.env = { A = \"\\u0000\" }",
             "server.env = { VLMSHIM_RUN = 'x' }", "server.unset_env = ['A=']", "server.unset_env = ['']",
             "server.output = 'file:'", "server.output = 'captrue'", "server.stop_signal = 'SIGSTOP'",
             "server.stop_signal = 'CHLD'", "server.stop_signal = 'CONT'", "server.stop_signal = 'SIGTREM'",
             "server.stop_signal = 15", "server.grace = '3'", "server.grace = '-1s'", "server.on_exit = 'fial'",
             "server.ready.timeout = '0s'", "server.ready.http = 'https://localhost:{port}/'",
             "server.ready.http = '/health'", "server.ready.http = 'http://example.com/'",
             "server.ready.http = 'http://localhost:{port}0/'", "server.ready.tcp = 'localhost'",
             "server.ready.tcp = 'tcp://localhost:1'", "server.ready.exec = []", "server.ready.exec = ['']",
             "server.ready.exec = 'a | b'", "server.ready = { tcp = 'localhost:1', exec = 'x' }",
             "test.command = []", "test.command = ''", "test.command = ['']", "test.command = 'a && b'",
             "test.command = ['a', \"\\u0000\"]", "test.timeout = '0s'", "ports.guard = []", "ports.guard = [0]",
             "ports.busy = 'Kill it'", "ports.spare = [1]", "signals.rewrite = { SIGKILL = 'SIGTERM' }",
             "signals.rewrite = { STOP = 'SIGTERM' }", "signals.rewrite = { 17 = 'SIGTERM' }",
             "signals.rewrite = { SIGFOO = 'SIGTERM' }", "signals.rewrite = { SIGTERM = 'SIGFOO' }",
             "signals.rewrite = { TERM = 'SIGINT', SIGTERM = 'SIGHUP' }", "log.format = 'xml'",
         }) {
        CAPTURE(keys);
        CHECK(server_error(keys).substr(0, 15) == "vlmshim.toml:2:");
    }
    CHECK(errors_of("[server]\n") == Lines{"vlmshim.toml:1:1: 'command' is missing in [server]: nothing says how to start it"});
    CHECK(errors_of("server.command = []") == Lines{"vlmshim.toml:1:18: 'command' in [server] must not be empty"});
}

TEST_CASE("what an error says") {
    CHECK(server_error("server.on_exit = 'fial'") ==
          "vlmshim.toml:2:18: 'on_exit' in [server] must be one of \"fail\", \"ignore\", found \"fial\", did you mean \"fail\"?");
    CHECK(server_error("server.grace = '3'") ==
          "vlmshim.toml:2:16: 'grace' in [server] needs a unit: write \"3s\", found \"3\"");
    CHECK(server_error("server.stop_signal = 'SIGTREM'") ==
          "vlmshim.toml:2:22: 'stop_signal' in [server] must be the name of a signal such as \"SIGTERM\", "
          "found \"SIGTREM\", did you mean \"SIGTERM\"?");
    CHECK(server_error("server.ready.http = 'https://localhost/'") ==
          "vlmshim.toml:2:21: 'http' in [server.ready] is https: TLS is not supported, use tcp or exec, "
          "found the string \"https://localhost/\"");
    CHECK(server_error("[server.ready]\ntcp = 'localhost:1'\nhttp = 'http://localhost/'") ==
          "vlmshim.toml:4:8: 'http' in [server.ready] is one probe too many: only one of http, tcp and exec can be "
          "given, found tcp before");
    CHECK(server_error("test.command = 'a | b'") ==
          "vlmshim.toml:2:16: 'command' in [test] holds a pipe ('|'), which needs a shell: quote it, or run "
          "sh -c '...', found \"a | b\"");
}

TEST_CASE("servers that cannot be told apart are refused") {
    const std::string two = "[[server]]\ncommand='a'\nport=1\nname='a-b'\n[[server]]\ncommand='b'\n";
    CHECK(errors_of(two + "port=1\nname='c'\n") ==
          Lines{"vlmshim.toml:7:6: port 1 is already that of the server 'a-b': each needs one of its own"});
    CHECK(errors_of(two + "port=2\nname='a-b'\n") ==
          Lines{"vlmshim.toml:8:6: two servers have the name 'a-b': each needs one of its own"});
    CHECK(errors_of(two + "port=2\nname='A_b'\n") ==
          Lines{"vlmshim.toml:8:6: the servers 'a-b' and 'A_b' would share the variable VLMSHIM_PORT_A_B"});
    CHECK(errors_of(two + "name='c'\n") ==
          Lines{"vlmshim.toml:5:1: 'port' is missing in [server]: each of several servers needs one of its own"});
    CHECK(errors_of("[[server]]\ncommand='a'\nport=1\n[[server]]\ncommand='a'\nport=2\n") ==
          Lines{"vlmshim.toml:4:1: two servers have the name 'server': each needs one of its own"});
}

TEST_CASE("a syntax error names its place") {
    const Lines errors = errors_of("[test]\ncommand = \n");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].substr(0, 15) == "vlmshim.toml:2:");
    CHECK(errors_of("a = \"\xff\"").size() == 1);
    CHECK(errors_of("a = 1\na = 2\n").size() == 1);
    CHECK(errors_of(std::string_view("a = \0", 5)).size() == 1);
}

TEST_CASE("what a file holds never reaches the terminal raw") {
    const std::string error = server_error("server.on_exit = \"\\u001b[31m\"");
    CHECK(error.find('\x1b') == std::string::npos);
    CHECK(server_error("\"\\u001b\" = 1").find('\x1b') == std::string::npos);
}

TEST_CASE("print_config is read back as the same Config") {
    Config config;
    check_round_trip(config);
    ServerConfig server;
    const std::string nasty = "a\"b\\c'\n\r\t\x01\x1b\x7f {port} ${x} #]=, \xc3\xa9 \xf0\x9f\x90\xb1";
    server.command = {nasty, "", nasty};
    server.cwd = nasty;
    server.env = {{"A", nasty}, {"odd " + nasty.substr(0, 5), ""}};
    server.unset_env = {nasty.substr(0, 5)};
    server.output = {OutputMode::File, nasty};
    server.ready.probe = ExecProbe{{"x", nasty}};
    server.stop_signal = Signal{SIGRTMIN + 3};
    config.servers = {server};
    config.test.command = {nasty};
    config.test.timeout = 1h + 1ms;
    config.ports.guard = {Port{1}, Port{65535}};
    config.ports.spare = {nasty};
    check_round_trip(config);
    for (const OutputMode mode : {OutputMode::Capture, OutputMode::Inherit, OutputMode::Discard}) {
        config.servers[0].output = {mode, ""};
        check_round_trip(config);
    }
    config.servers.push_back(ServerConfig{});
    config.servers[1].name = "other";
    config.servers[1].port = Port{9};
    config.servers[1].command = {"x"};
    check_round_trip(config);
}

TEST_CASE("print_config shows every key, the unset ones as comments") {
    Config config;
    config.servers.resize(1);
    config.servers[0].command = {"x"};
    config.ports.guard = {Port{8080}};
    CHECK(print_config(config) == R"(# no configuration file
[server]
name = "server"
command = ["x"]
port = 8080
# cwd = "."   (none: the caller's working directory)
env = {}
unset_env = []
output = "capture"
stop_signal = "SIGTERM"
# grace = "3s"   (none: that of [shutdown])
on_exit = "fail"
[server.ready]
tcp = "localhost:{port}"
timeout = "2m"

[test]
# command = ["python3", "my_test.py"]   (none)
# timeout = "30m"   (none)
grace = "5s"
leftovers = "reap"

[ports]
guard = [8080]
busy = "fail"
outsiders = "end"
spare = ["docker-proxy", "sshd"]

[shutdown]
grace = "3s"

[signals]
forward = "test"
rewrite = {}

[log]
level = "info"
format = "text"
)");
}
