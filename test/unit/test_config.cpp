#include <doctest/doctest.h>

#include <csignal>
#include <sstream>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/config/fields.hpp"

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

void check_round_trip(Config config) {
    const std::string printed = print_config(config);
    CAPTURE(printed);
    config.file = file;
    for (ServerConfig& server : config.servers) {
        server.port_given = true;
    }
    CHECK(good(printed) == config);
}

template <typename Value>
concept HasTomlValue = requires(Value value) {
    toml_value(value);
};
static_assert(HasTomlValue<bool> && HasTomlValue<Busy> && HasTomlValue<std::string>);
static_assert(!HasTomlValue<int> && !HasTomlValue<double> && !HasTomlValue<const int*>,
              "a key of a new type is not printed as true or false");

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
cwd = "tests"
env = { URL = "http://localhost:{port}/" }
unset_env = ["HTTP_PROXY"]
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
)",
                               "/etc/vlm/vlmshim.toml");
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
    CHECK(server.ready.http == "http://127.0.0.1:{port}/health");
    CHECK(server.ready.timeout == 10min);
    CHECK(config.test == TestConfig{{"python3", "vqa test.py"},
                                    "/etc/vlm/tests",
                                    {{"URL", "http://localhost:{port}/"}},
                                    {"HTTP_PROXY"},
                                    30min,
                                    0ms,
                                    Leftovers::Fail});
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
port = "auto"
after = ["vlm"]
ready = { tcp = "[::1]:{port}", timeout = "5s" }
)");
    REQUIRE(config.servers.size() == 2);
    CHECK(config.servers[0].ready.exec == Lines{"true"});
    CHECK(config.servers[1].ready.tcp == "[::1]:{port}");
    CHECK(config.servers[1].ready.timeout == 5s);
    CHECK(config.servers[1].port == auto_port);
    CHECK(config.servers[1].after == Lines{"vlm"});
    CHECK(port_variable("embed-1") == "VLMSHIM_PORT_EMBED_1");
    check_round_trip(config);
}

TEST_CASE("every kind of readiness, all at once") {
    const Config config = good(R"(
[server]
command = "x"
owner = "any"
stdin = "open"
[server.ready]
http = "/health"
status = [200, "3xx", 404]
headers = { Authorization = "Bearer x", "X-Empty" = "" }
tcp = "127.0.0.1:{port}"
unix = "run/{port}.sock"
exec = ["./is-ready.sh", "{port}"]
log = "listening (on|at) {port}"
)");
    const Ready& ready = config.servers[0].ready;
    CHECK(ready.http == "http://localhost:{port}/health");
    CHECK(ready.status == std::vector<StatusRange>{{200, 200}, {300, 399}, {404, 404}});
    CHECK(ready.headers == std::map<std::string, std::string>{{"Authorization", "Bearer x"}, {"X-Empty", ""}});
    CHECK(ready.tcp == "127.0.0.1:{port}");
    CHECK(ready.unix_socket == "run/{port}.sock");
    CHECK(ready.exec == Lines{"./is-ready.sh", "{port}"});
    CHECK(ready.log == "listening (on|at) {port}");
    CHECK(config.servers[0].owner == PortOwner::Any);
    CHECK(config.servers[0].input == Input::Open);
    check_round_trip(config);
}

TEST_CASE("readiness as one word, in the forms of --ready") {
    CHECK(good("[server]\ncommand='x'\nready='/health'\n").servers[0].ready.http == "http://localhost:{port}/health");
    CHECK(good("[server]\ncommand='x'\nready='https://localhost/'\n").servers[0].ready.http == "https://localhost/");
    CHECK(good("[server]\ncommand='x'\nready='tcp://[::1]:{port}'\n").servers[0].ready.tcp == "[::1]:{port}");
}

TEST_CASE("an external server, and one without a port") {
    const Config config = good(R"(
[[server]]
name = "web"
external = true
ready = "https://web:8443/health"
[[server]]
name = "daemon"
command = "x"
port = "none"
ready.unix = "/run/x.sock"
[[server]]
name = "own"
command = "x"
ready = "http://localhost:3000/"
)");
    CHECK(config.servers[0].external);
    CHECK(config.servers[0].command.empty());
    CHECK_FALSE(config.servers[1].port.has_value());
    check_round_trip(config);
}

TEST_CASE("paths are relative to the file's folder") {
    const char* text = "[server]\ncommand='x'\ncwd='.'\noutput='file:log'\n";
    CHECK(good(text, "vlmshim.toml").servers[0].cwd == ".");
    CHECK(good(text, "vlmshim.toml").servers[0].output.path == "log");
    CHECK(good(text, "../conf/vlmshim.toml").servers[0].cwd == "../conf");
    CHECK(good(text, "/vlmshim.toml").servers[0].output.path == "/log");
    CHECK(good("[server]\ncommand='x'\ncwd='/srv'\n", "a/b.toml").servers[0].cwd == "/srv");
}

TEST_CASE("the commands of a file run in its folder, those of the command line in the working directory") {
    const char* text = "[server]\ncommand='x'\nready.exec='y'\n[test]\ncommand='z'\n";
    struct Row {
        const char* file;
        RelativeTo base;
        const char* folder;
    };
    const Row rows[]{
        {"a/b.toml", RelativeTo::FolderOfFile, "a"},          {"/a/vlmshim.toml", RelativeTo::FolderOfFile, "/a"},
        {"/vlmshim.toml", RelativeTo::FolderOfFile, "/"},     {"vlmshim.toml", RelativeTo::FolderOfFile, ""},
        {"/etc/vlmshim.toml", RelativeTo::CallersFolder, ""}, {"/dev/fd/63", RelativeTo::CallersFolder, ""}};
    for (const Row& row : rows) {
        CAPTURE(row.file);
        Config config = parse_config(text, row.file, row.base).config;
        CHECK(config.servers[0].cwd == row.folder);
        CHECK(config.test.cwd == row.folder);
        CommandLine line;
        line.mode = Mode::Check;
        CHECK(finish_config(config, line).empty());
        check_round_trip(config);
        line.command = {"typed"};
        CHECK(finish_config(config, line).empty());
        CHECK(config.test.cwd.empty());
        CHECK(config.servers[0].cwd == row.folder);
        line.server_command = {"typed"};
        CHECK(finish_config(config, line).empty());
        CHECK(config.servers[0].cwd.empty());
        CHECK(config.typed.probe_cwd == row.folder);
    }
    CHECK(good("[test]\nenv = { A = 'b' }\n", "a/b.toml").test.cwd.empty());
}

TEST_CASE("paths of a file for all users, and of a pipe, are relative to the caller's folder") {
    const std::string text = "[server]\ncommand='x'\ncwd='.'\noutput='file:log'\n[report]\npath='out/run.json'\n";
    for (const char* const name : {"/etc/vlmshim.toml", "/dev/fd/63", "pipe"}) {
        const Config config = parse_config(text, name, RelativeTo::CallersFolder).config;
        CHECK(config.servers[0].cwd == ".");
        CHECK(config.servers[0].output.path == "log");
        CHECK(config.reports == std::vector<std::string>{"out/run.json"});
    }
}

TEST_CASE("a report, or several") {
    using Names = std::vector<std::string>;
    CHECK(good("report.path = 'a.json'", "/p/b.toml").reports == Names{"/p/a.json"});
    CHECK(good("report.path = ['a.json', '/x/b.html']", "/p/b.toml").reports == Names{"/p/a.json", "/x/b.html"});
    CHECK(good("report.path = ['a.json']", "/p/b.toml").reports == Names{"/p/a.json"});
    CHECK(good("").reports.empty());
}

TEST_CASE("of a wrong list of reports, the names that are right get the error") {
    const Config config = parse_config("report.path = ['a', '', 'b', 'a']", "/p/b.toml").config;
    CHECK(config.reports == std::vector<std::string>{"/p/a", "/p/b"});
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
    server.ready.exec = {"x", nasty};
    server.stop_signal = Signal{SIGRTMIN + 3};
    config.servers = {server};
    config.test.command = {nasty};
    config.test.cwd = nasty;
    config.test.env = {{"A", nasty}};
    config.test.unset_env = {nasty.substr(0, 5)};
    config.test.timeout = 1h + 1ms;
    config.ports.guard = {Port{1}, Port{65535}};
    config.ports.spare = {nasty};
    config.reports = {nasty, "b.html"};
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

TEST_CASE("every section and every key has a meaning") {
    std::string line;
    std::istringstream text(explain_config());
    int keys = 0;
    for (std::string meaning; std::getline(text, meaning);) {
        if (meaning.empty()) {
            continue;  // between two sections
        }
        CAPTURE(meaning);
        REQUIRE(std::getline(text, line));
        CAPTURE(line);
        CHECK((line.front() == '[' || line.find(" = ") != std::string::npos));
        CHECK(meaning.starts_with("# "));
        CHECK(meaning.size() > 10);
        CHECK(meaning.size() <= 2 + 70);
        ++keys;
    }
    CHECK(keys == 9 + 41);
}

TEST_CASE("print_config begins with the folders that were searched for a file") {
    const auto first_line = [](const std::vector<std::string>& searched) {
        const std::string text = print_config(Config{}, searched);
        return text.substr(0, text.find('\n'));
    };
    CHECK(first_line({}) == "# no configuration file");
    CHECK(first_line({"/a", "/my files"}) ==
          R"(# no configuration file: no vlmshim.toml was found in "/a", "/my files")");
    CHECK(first_line({"/a\nb"}) == R"(# no configuration file: no vlmshim.toml was found in "/a\nb")");
}

TEST_CASE("of the secrets of a configuration only the names are printed for others") {
    Config config = good(
        "[server]\ncommand = 'x'\nenv = { TOKEN = 'secret-1' }\nready = { http = '/', headers = { Auth = 'secret-2' } "
        "}\n"
        "[test]\nenv = { KEY = 'secret-3' }\n");
    config.servers.push_back(config.servers.front());
    config.servers[1].env["OTHER"] = "secret-4";
    CHECK(print_config(config).find("secret-4") != std::string::npos);
    const std::string text = print_config_without_secrets(config);
    CHECK(text.find("secret") == std::string::npos);
    for (const char* name : {"TOKEN", "Auth", "KEY", "OTHER"}) {
        CHECK(text.find(std::string(name) + " = \"(not shown)\"") != std::string::npos);
    }
    for (ServerConfig& server : config.servers) {
        server.env.clear();
        server.ready.headers.clear();
    }
    config.test.env.clear();
    CHECK(print_config_without_secrets(config) == print_config(config));
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
owner = "tree"
external = false
after = []
# cwd = "."   (none: the folder of this file, for a typed command the caller's)
env = {}
unset_env = []
stdin = "null"
output = "capture"
stop_signal = "SIGTERM"
# grace = "3s"   (none: that of [shutdown])
on_exit = "fail"
[server.ready]
# http = "http://localhost:{port}/health"   (none: not asked)
status = ["2xx"]
headers = {}
insecure = false
# tcp = "localhost:{port}"   (none: anywhere on its port)
# unix = "run/server.sock"   (none: not asked)
# exec = ["./is-ready.sh"]   (none: not asked)
# log = "listening on"   (none: not looked for)
timeout = "2m"

[test]
# command = ["python3", "my_test.py"]   (none)
# cwd = "."   (none: the folder of this file, for a typed command the caller's)
env = {}
unset_env = []
# timeout = "30m"   (none)
grace = "5s"
leftovers = "reap"

[ports]
guard = [8080]
busy = "fail"
outsiders = "own"
spare = ["docker-proxy", "sshd"]

[shutdown]
grace = "3s"

[signals]
forward = "test"
rewrite = {}

[log]
level = "info"
format = "text"

[isolation]
pid_namespace = false

[report]
# path = "vlmshim-report.json"   (none: no report)
)");
}
