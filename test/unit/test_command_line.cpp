#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "vlmshim/core/config/command_line.hpp"

using namespace vlmshim;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

CommandLine parse(std::initializer_list<const char*> words) {
    const std::vector<const char*> arguments(words);
    return parse_command_line(arguments);
}

CommandLine good(std::initializer_list<const char*> words) {
    CommandLine line = parse(words);
    for (const std::string& error : line.errors) {
        FAIL_CHECK(error);
    }
    return line;
}

std::string error_of(std::initializer_list<const char*> words) {
    const CommandLine line = parse(words);
    return line.errors.size() == 1 ? line.errors[0] : std::to_string(line.errors.size()) + " errors";
}

ServerConfig server(const std::string& name, std::uint16_t port) {
    ServerConfig server;
    server.name = name;
    server.command = {"run", name};
    server.port = Port{port};
    return server;
}

}  // namespace

TEST_CASE("the command starts at the first word that is no option") {
    CHECK(good({"python3", "-v", "--check"}).command == Lines{"python3", "-v", "--check"});
    CHECK(good({"--", "-v"}).command == Lines{"-v"});
    CHECK(good({"-v", "--", "--", "a"}).command == Lines{"--", "a"});
    CHECK(good({"a", "--", "b"}).command == Lines{"a", "--", "b"});
    CHECK(good({"-", "a"}).command == Lines{"-", "a"});
    CHECK(good({""}).command == Lines{""});
    CHECK(good({"--", ""}).command == Lines{""});
    CHECK(good({}).command.empty());
    CHECK(good({"--"}).command.empty());
}

TEST_CASE("every option in every spelling") {
    for (const auto& line : {good({"-p", "9000", "x"}), good({"-p9000", "x"}), good({"--port", "9000", "x"}),
                             good({"--port=9000", "x"}), good({"-vp9000", "x"}), good({"-vp", "9000", "x"})}) {
        CHECK(line.ports == std::vector{Port{9000}});
        CHECK(line.command == Lines{"x"});
    }
    CHECK(good({"-p1", "-p2", "-p1"}).ports == std::vector{Port{1}, Port{2}, Port{1}});
    CHECK(good({"-c", "f.toml"}).config_file == "f.toml");
    CHECK(good({"--no-config"}).no_config);
    CHECK(good({"-s", "llama-server -m 'a b'"}).server_command == Lines{"llama-server", "-m", "a b"});
    CHECK(good({"-o", "inherit"}).output == Output{OutputMode::Inherit, ""});
    CHECK(good({"--output=file:a b.log"}).output == Output{OutputMode::File, "a b.log"});
    CHECK(good({"-r", "/health"}).ready->http == "http://localhost:{port}/health");
    CHECK(good({"-r", "http://[::1]:{port}/x"}).ready->http == "http://[::1]:{port}/x");
    CHECK(good({"-r", "https://web:8443/x"}).ready->http == "https://web:8443/x");
    CHECK(good({"-r", "tcp://localhost:{port}"}).ready->tcp == "localhost:{port}");
    CHECK(good({"-t", "1m30s"}).timeout == 90s);
    CHECK(good({"-g0s"}).grace == 0s);
    CHECK(good({"-b", "kill"}).busy == Busy::Kill);
    CHECK(good({"--log-format", "json"}).log_format == LogFormat::Json);
    CHECK(good({"--check", "x"}).mode == Mode::Check);
    CHECK(good({"-V"}).mode == Mode::Version);
    CHECK(good({"-p", "1", "--", "-x"}).command == Lines{"-x"});
    CHECK(error_of({"-c", "--", "-p0", "x"}) == "--port must be a number from 1 to 65535 or auto, found \"0\"");
}

TEST_CASE("--who and --free take ports, with options before and after them") {
    const CommandLine line = good({"-v", "--who", "80", "--log-format", "json", "-p81", "--", "82"});
    CHECK(line.mode == Mode::Who);
    CHECK(line.ports == std::vector{Port{80}, Port{81}, Port{82}});
    CHECK(line.log_format == LogFormat::Json);
    CHECK(line.command.empty());
    CHECK(good({"--free"}).ports.empty());
    CHECK(good({"--free", "-g", "1s"}).mode == Mode::Free);
    CHECK(good({"x", "--who"}).mode == Mode::Run);
    CHECK(good({"--who", "--help", "-x"}).mode == Mode::Help);
    CHECK(error_of({"--who", "x"}) == "--who takes ports, numbers from 1 to 65535, found \"x\"");
    CHECK(error_of({"--who", "-g", "1s"}) == "--grace has no meaning with --who");
    CHECK(error_of({"-b", "kill", "--free"}) == "--busy has no meaning with --free");
    CHECK(error_of({"-p", "auto", "--who"}) == "--port auto has no meaning with --who");
    CHECK(error_of({"--who", "--free"}) ==
          "--check, --init, --completions, --who, --free and --runs exclude each other");

    Config config;
    config.servers = {server("a", 9000)};
    config.ports.guard = {Port{9001}};
    CHECK(finish_config(config, good({"--who", "80", "81"})).empty());
    CHECK(config.ports.guard == std::vector{Port{80}, Port{81}});
    Config of_file;
    of_file.servers = {server("a", 9000)};
    CHECK(finish_config(of_file, good({"--free"})).empty());
    CHECK(of_file.ports.guard == std::vector{Port{9000}});
}

TEST_CASE("--runs takes no options or command of a run, and no port") {
    CHECK(good({"--runs"}).mode == Mode::Runs);
    CHECK(good({"-q", "--runs", "--log-format", "json", "--log-level=off"}).mode == Mode::Runs);
    CHECK(error_of({"--runs", "8080"}) == "--runs takes no command, found \"8080\"");
    CHECK(error_of({"--runs", "--", "pytest"}) == "--runs takes no command, found \"pytest\"");
    CHECK(error_of({"--runs", "-p", "80"}) == "--port has no meaning with --runs");
    CHECK(error_of({"-c", "f", "--runs"}) == "--config has no meaning with --runs");
    CHECK(error_of({"--no-config", "--runs"}) == "--no-config has no meaning with --runs");
    CHECK(error_of({"--runs", "-g", "1s"}) == "--grace has no meaning with --runs");
    CHECK(error_of({"--runs", "--isolate"}) == "--isolate has no meaning with --runs");
    CHECK(error_of({"--who", "--runs"}) ==
          "--check, --init, --completions, --who, --free and --runs exclude each other");
    CHECK(good({"--runs", "--help"}).mode == Mode::Help);
    CHECK(good({"x", "--runs"}).mode == Mode::Run);
}

TEST_CASE("--init takes no options or command of a run") {
    CHECK(good({"--init"}).mode == Mode::Init);
    CHECK(good({"-q", "--init", "--log-format", "json"}).mode == Mode::Init);
    CHECK(error_of({"--init", "pytest"}) == "--init takes no command, found \"pytest\"");
    CHECK(error_of({"--init", "--", "pytest"}) == "--init takes no command, found \"pytest\"");
    CHECK(error_of({"-c", "f", "--init"}) == "--config has no meaning with --init");
    CHECK(error_of({"--init", "-p", "80"}) == "--port has no meaning with --init");
    CHECK(error_of({"--init", "-p", "auto"}) == "--port has no meaning with --init");
    CHECK(error_of({"-s", "x", "--init"}) == "--server has no meaning with --init");
    CHECK(error_of({"--init", "--check"}) ==
          "--check, --init, --completions, --who, --free and --runs exclude each other");
    CHECK(good({"--init", "--help"}).mode == Mode::Help);
}

TEST_CASE("--completions takes a shell, and no option or command of a run") {
    CHECK(good({"--completions", "bash"}).mode == Mode::Completions);
    CHECK(good({"--completions", "bash"}).shell == Shell::Bash);
    CHECK(good({"--completions=zsh", "-q"}).shell == Shell::Zsh);
    CHECK(good({"-v", "--completions", "fish"}).shell == Shell::Fish);
    CHECK(good({"--completions", "bash", "-h"}).mode == Mode::Help);
    CHECK(error_of({"--completions"}) == "--completions needs a value: SHELL");
    CHECK(error_of({"--completions", "tcsh"}) == R"(--completions must be one of "bash", "zsh", "fish", found "tcsh")");
    CHECK(error_of({"--completions=fisch"}) ==
          R"(--completions must be one of "bash", "zsh", "fish", found "fisch", did you mean "fish"?)");
    CHECK(error_of({"--completions", "bash", "pytest"}) == "--completions takes no command, found \"pytest\"");
    CHECK(error_of({"--completions", "zsh", "-p", "80"}) == "--port has no meaning with --completions");
    CHECK(error_of({"--no-config", "--completions", "zsh"}) == "--no-config has no meaning with --completions");
    CHECK(error_of({"--completions", "zsh", "--check"}) ==
          "--check, --init, --completions, --who, --free and --runs exclude each other");
}

TEST_CASE("--report names files and beats the configuration") {
    using Names = std::vector<std::string>;
    Config config;
    config.reports = {"a", "b"};
    CHECK(finish_config(config, good({"--report", "c", "x"})).empty());
    CHECK(config.reports == Names{"c"});
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.reports == Names{"c"});
    CHECK(finish_config(config, good({"--report", "run.json", "--report=run.html", "x"})).empty());
    CHECK(config.reports == Names{"run.json", "run.html"});
    CHECK(error_of({"--report", "", "x"}) == "--report needs the name of a file, found \"\"");
    CHECK(error_of({"--report", "a", "--report", "b", "--report", "a", "x"}) == "--report names a file twice: \"a\"");
}

TEST_CASE("-v and -q count, the last one wins") {
    CHECK_FALSE(good({}).log_level.has_value());
    CHECK(good({"-v"}).log_level == LogLevel::Debug);
    CHECK(good({"-vv"}).log_level == LogLevel::Trace);
    CHECK(good({"-v", "--verbose", "-v"}).log_level == LogLevel::Trace);
    CHECK(good({"-q"}).log_level == LogLevel::Warning);
    CHECK(good({"-q", "-q"}).log_level == LogLevel::Error);
    CHECK(good({"-qqq"}).log_level == LogLevel::Error);
    CHECK(good({"-vvq"}).log_level == LogLevel::Warning);
    CHECK(good({"-qqv"}).log_level == LogLevel::Debug);
    CHECK(good({"-v", "--log-level", "off"}).log_level == LogLevel::Off);
    CHECK(good({"--log-level=off", "-v"}).log_level == LogLevel::Debug);
}

TEST_CASE("errors name what was found and what is allowed") {
    CHECK(error_of({"--prot=1"}) == "unknown option '--prot', did you mean '--port'?");
    CHECK(error_of({"--banana"}) == "unknown option '--banana'; --help lists them");
    CHECK(error_of({"-x"}) == "unknown option '-x'; --help lists them");
    CHECK(error_of({"-s", "llama-server", "-m", "model.gguf", "--", "pytest"}) ==
          "unknown option '-m'; --server takes the whole command as one word: -s 'llama-server -m model.gguf'");
    CHECK(error_of({"-s", "serve now", "-m"}) == "unknown option '-m'; --help lists them");
    CHECK(error_of({"-s", "serve", "-v", "-m"}) == "unknown option '-m'; --help lists them");
    CHECK(error_of({"-s", "serve", "--prot=1"}) == "unknown option '--prot', did you mean '--port'?");
    CHECK(error_of({"-p"}) == "--port needs a value: PORT");
    CHECK(error_of({"--config"}) == "--config needs a value: FILE");
    CHECK(error_of({"--check=yes"}) == "--check takes no value, found \"yes\"");
    CHECK(error_of({"-p", "0"}) == "--port must be a number from 1 to 65535 or auto, found \"0\"");
    CHECK(error_of({"--port="}) == "--port must be a number from 1 to 65535 or auto, found \"\"");
    CHECK(error_of({"-t", "30"}) == "--timeout needs a unit: write \"30s\", found \"30\"");
    CHECK(error_of({"-t", "0s"}) == "--timeout must be longer than 0, found \"0s\"");
    CHECK(error_of({"-b", "kil"}) ==
          "--busy must be one of \"fail\", \"kill\", \"reuse\", found \"kil\", did you mean \"kill\"?");
    CHECK(
        error_of({"-o", "captur"}) ==
        "--output must be one of \"capture\", \"inherit\", \"discard\", \"file:PATH\", found \"captur\", did you mean "
        "\"capture\"?");
    CHECK(error_of({"--output=file:"}) == "--output must name a file, found \"file:\"");
    CHECK(error_of({"-s", "a b", "-s", "c"}) ==
          "--server can be given once, found a second one: \"c\"; several servers are [[server]] in a vlmshim.toml, "
          "see vlmshim.toml(5)");
    CHECK(error_of({"-c", "f", "--no-config"}) == "--config and --no-config exclude each other");
    for (const auto& line :
         {parse({"-r", "localhost:80"}), parse({"-r", "http://example..com"}), parse({"-r", ""}), parse({"-s", ""}),
          parse({"-s", "a | b"}), parse({"-s", "''"}), parse({"-c", ""}), parse({"--log-level", "warn"}),
          parse({"--log-format=xml"}), parse({"-g", "x"}), parse({"--islate"})}) {
        CHECK(line.errors.size() == 1);
    }
}

TEST_CASE("all errors at once") {
    CHECK(parse({"-p0", "-t5", "--bsuy=x", "-vx", "cmd"}).errors.size() == 4);
    CHECK(error_of({"--nope\x1b[31m"}).find('\x1b') == std::string::npos);
}

TEST_CASE("--help and --version before the command win over errors") {
    CHECK(good({"--bogus", "-h"}).mode == Mode::Help);
    CHECK(good({"-p0", "--version", "-h"}).mode == Mode::Version);
    CHECK(good({"--check", "-h"}).mode == Mode::Help);
    CHECK(good({"cmd", "-h"}).mode == Mode::Run);
    CHECK(parse({"--bogus", "cmd", "-h"}).errors.size() == 1);
    CHECK(good({"--", "-h"}).mode == Mode::Run);
}

TEST_CASE("--help takes the word config, and no other") {
    CHECK(good({"--help"}).topic == HelpTopic::Options);
    CHECK(good({"--help", "-v"}).topic == HelpTopic::Options);
    for (const auto& words : {std::initializer_list<const char*>{"--help", "config"},
                              {"-h", "config"},
                              {"--help=config"},
                              {"-vh", "-q", "config"},
                              {"--bogus", "--help", "config", "-p0"}}) {
        const CommandLine line = good(words);
        CHECK(line.mode == Mode::Help);
        CHECK(line.topic == HelpTopic::Config);
        CHECK(line.command.empty());
    }
    CHECK(error_of({"--help", "confg"}) == "--help takes nothing, or the word config, found \"confg\"");
    CHECK(error_of({"-h", "config", "\x1b"}) == "--help takes nothing, or the word config, found \"\\u001b\"");
    CHECK(error_of({"--help="}) == "--help takes nothing, or the word config, found \"\"");
    CHECK(good({"--help", "--", "config"}).topic == HelpTopic::Options);
    CHECK(good({"--version", "config"}).command == Lines{"config"});
    CHECK(good({"cmd", "--help", "config"}).mode == Mode::Run);
}

TEST_CASE("the help lists every option and fits the screen") {
    const std::string help = help_text();
    for (const OptionSpec& spec : option_table()) {
        CAPTURE(spec.name);
        CHECK(help.find("--" + std::string(spec.name)) != std::string::npos);
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK((line.empty() || line.back() != ' '));
    }
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const OptionSpec& spec : option_table()) {
        CHECK(names.insert(spec.name).second);
        CHECK((spec.letter == 0 || letters.insert(spec.letter).second));
    }
}

TEST_CASE("finish_config fills the guard") {
    Config config;
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard == std::vector{Port{8080}});
    config = {};
    config.servers = {server("a", 9000), server("b", 9001)};
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard == std::vector{Port{9000}, Port{9001}});
    config = {};
    config.servers = {server("a", 9000)};
    config.ports.guard = {Port{7}, Port{7}, Port{8}};
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard == std::vector{Port{7}, Port{8}});
}

TEST_CASE("a chosen port is always guarded, and one auto is one port") {
    Config config;
    CHECK(finish_config(config, good({"-p", "auto", "x"})).empty());
    CHECK(config.ports.guard == std::vector{auto_port});
    CHECK(finish_config(config, good({"-p", "auto", "-s", "s", "x"})).empty());
    CHECK(config.servers[0].port == auto_port);
    CHECK(config.ports.guard == std::vector{auto_port});
    config = {};
    CHECK(finish_config(config, good({"-p", "auto", "-p", "auto", "-s", "s", "x"})).empty());
    CHECK(config.ports.guard == std::vector{auto_port, auto_port});
    config = {};
    config.servers = {server("a", 0), server("b", 9001), server("c", 0)};
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard == std::vector{auto_port, Port{9001}, auto_port});
    config.ports.guard = {Port{7}};
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard == std::vector{Port{7}, auto_port, auto_port});
}

TEST_CASE("servers without a test are served") {
    Config config;
    config.servers = {server("a", 1)};
    CHECK(finish_config(config, good({})).empty());
    CHECK(serves(config));
    CHECK(finish_config(config, good({"-t", "5s"})).size() == 1);
    CHECK(finish_config(config, good({"-t", "5s", "x"})).empty());
    CHECK_FALSE(serves(config));
    CHECK_FALSE(serves(Config{}));
}

TEST_CASE("-p guards its ports; the first is the single server's") {
    Config config;
    config.servers = {server("a", 9000)};
    config.ports.guard = {Port{7}};
    CHECK(finish_config(config, good({"-p1", "-p2", "-p1", "x"})).empty());
    CHECK(config.servers[0].port == Port{1});
    CHECK(config.ports.guard == std::vector{Port{1}, Port{2}});
    config = {};
    config.servers = {server("a", 9000), server("b", 9001)};
    CHECK(finish_config(config, good({"-p1", "x"})).empty());
    CHECK(config.ports.guard == std::vector{Port{1}, Port{9000}, Port{9001}});
}

TEST_CASE("options beat the file") {
    Config config;
    config.servers = {server("a", 9000)};
    config.servers[0].grace = 9s;
    config.servers[0].ready.timeout = 7s;
    config.test.command = {"old"};
    const CommandLine line =
        good({"-s", "new {port}", "-r", "/x", "-t1h", "-g1s", "-bkill", "-q", "--log-format=json", "t"});
    CHECK(finish_config(config, line).empty());
    CHECK(config.servers[0].name == "a");
    CHECK(config.servers[0].command == Lines{"new", "{port}"});
    CHECK(config.servers[0].ready.http == "http://localhost:{port}/x");
    CHECK(config.servers[0].ready.timeout == 7s);
    CHECK(grace_of(config.servers[0], config) == 1s);
    CHECK(config.test == TestConfig{{"t"}, "", {}, {}, 1h, 1s, Leftovers::Reap});
    CHECK(config.ports.busy == Busy::Kill);
    CHECK(config.log == LogConfig{LogLevel::Warning, LogFormat::Json});
}

TEST_CASE("a missing argv[0] is a usage error, argv[0] alone is not") {
    const std::vector<const char*> none{nullptr};
    const std::vector<const char*> put_in_its_place{"", nullptr};
    const std::vector<const char*> named{"vlmshim", nullptr};
    const std::vector<const char*> nameless{"", "-q", "x", nullptr};
    CHECK(parse_main_arguments(0, none.data()).errors.size() == 1);
    CHECK(parse_main_arguments(0, none.data()).mode == Mode::Run);
    CHECK(parse_main_arguments(1, put_in_its_place.data()).errors.size() == 1);
    CHECK(parse_main_arguments(1, named.data()).errors.empty());
    CHECK(parse_main_arguments(3, nameless.data()).errors.empty());
    CHECK(parse_main_arguments(3, nameless.data()).command == Lines{"x"});
}

TEST_CASE("the port of the probe is the server's, where the server names none") {
    const auto finished = [](std::vector<const char*> words, Config config = {}) {
        const CommandLine line = parse_command_line(words);
        CHECK(line.errors.empty());
        CHECK(finish_config(config, line).empty());
        return config;
    };
    const Config one = finished({"-s", "x", "-r", "http://localhost:3000/", "t"});
    CHECK(one.servers[0].port == Port{3000});
    CHECK(one.ports.guard == std::vector{Port{3000}});
    const Config without_number = finished({"-s", "x", "-r", "http://localhost/health", "t"});
    CHECK(without_number.servers[0].port == Port{80});
    const Config both = finished({"-s", "x", "-r", "http://localhost:3000/", "-p", "8080", "t"});
    CHECK(both.servers[0].port == Port{8080});
    CHECK(both.ports.guard == std::vector{Port{8080}, Port{3000}});
    Config file;
    file.servers = {server("a", 9000)};
    CHECK(finished({"-r", "tcp://localhost:3000", "t"}, file).servers[0].port == Port{3000});
    file.servers[0].port_given = true;
    CHECK(finished({"-r", "tcp://localhost:3000", "t"}, file).ports.guard == std::vector{Port{9000}, Port{3000}});
    CHECK(finished({"-s", "x", "-r", "/health", "t"}).ports.guard == std::vector{default_port});
}

TEST_CASE("-r without a server waits for an external one, whose port is never guarded") {
    Config config;
    CHECK(finish_config(config, good({"-r", "http://localhost:3000/", "t"})).empty());
    REQUIRE(config.servers.size() == 1);
    CHECK(config.servers[0].external);
    CHECK(config.servers[0].port == Port{3000});
    CHECK(config.ports.guard.empty());
    config = {};
    CHECK(finish_config(config, good({"-r", "http://localhost:3000/", "-p", "3000", "-p", "4000", "t"})).empty());
    CHECK(config.ports.guard == std::vector{Port{4000}});
    config = {};
    config.ports.guard = {Port{3000}};
    CHECK(finish_config(config, good({"-r", "http://localhost:3000/", "t"})) ==
          Lines{"port 3000 is that of the external server 'server', which is never ended: it cannot be guarded"});
    config = {};
    CHECK(finish_config(config, good({"-r", "http://localhost:3000/"})).size() == 1);  // there is nothing to serve
    config = {};
    CHECK(finish_config(config, good({"-s", "x", "-r", "http://web:3000/", "t"})).size() == 1);
    config = {};
    CHECK(finish_config(config, good({"-r", "http://web:3000/", "t"})).empty());
}

TEST_CASE("without a TCP port of ours nothing is guarded") {
    Config config;
    config.servers = {server("a", 1)};
    config.servers[0].port.reset();
    config.servers[0].port_given = true;
    CHECK(finish_config(config, good({"x"})).size() == 1);  // nothing says when it is ready
    config.servers[0].ready.unix_socket = "x.sock";
    config.ports.guard.clear();
    CHECK(finish_config(config, good({"x"})).empty());
    CHECK(config.ports.guard.empty());
}

TEST_CASE("-s makes a server where there is none, and one where there are several") {
    Config config;
    CHECK(finish_config(config, good({"-s", "a", "-p", "9000", "x"})).empty());
    REQUIRE(config.servers.size() == 1);
    CHECK(config.servers[0].port == Port{9000});
    config.servers = {server("a", 1), server("b", 2)};
    CHECK(finish_config(config, good({"-s", "c", "x"})).empty());
    CHECK(config.servers.size() == 1);
    CHECK(config.servers[0].command == Lines{"c"});
}

TEST_CASE("what cannot be run is an error") {
    Config config;
    CHECK(finish_config(config, good({})).size() == 1);
    CHECK(finish_config(config, good({"--check"})).empty());
    config.servers = {server("a", 1), server("b", 2)};
    CHECK(finish_config(config, good({"-r", "/x", "x"})).size() == 1);
    config.servers = {server("a", 1), server("a", 1)};
    CHECK(finish_config(config, good({"x"})).size() == 2);
    config.servers = {server("a", 1)};
    config.servers[0].ready.http = "http://localhost:{port}1/";
    CHECK(
        finish_config(config, good({"-p", "9000", "x"})) ==
        Lines{
            "the readiness probe \"http://localhost:{port}1/\" of the server 'a' is \"http://localhost:90001/\" with "
            "port 9000, no address of a server on this machine: write /PATH or http://HOST:PORT/PATH, with localhost, "
            "an IPv4 or a bracketed IPv6 address as HOST, and {port} or 1 to 65535 as PORT"});
}

TEST_CASE("a probe has to be an address with every port that {port} may stand for") {
    const auto problems = [](std::vector<const char*> words) {
        words.insert(words.end(), {"-s", "a", "x"});
        const CommandLine line = parse_command_line(words);
        Config config;
        return line.errors.empty() ? finish_config(config, line) : line.errors;
    };
    for (const char* const ready :
         {"http://127.0.0.1:1{port}/", "tcp://localhost:1{port}", "http://[::1]:{port}5/",
          "tcp://localhost:{port}{port}", "http://127.0.0.{port}:80/", "tcp://[::{port}]:80"}) {
        CAPTURE(ready);
        CHECK(problems({"-p", "7", "-r", ready}).empty());
        CHECK(problems({"-p", "20001", "-r", ready}).size() == 1);
        CHECK(problems({"-p", "auto", "-r", ready}).size() == 1);
    }
    for (const char* const ready : {"http://localhost:{PORT}/", "http://localhost:{{port}}/", "tcp://localhost:{port",
                                    "tcp://localhost:70{port}000", "http://{port}/", "tcp://localhost:-{port}"}) {
        CAPTURE(ready);
        CHECK(problems({"-p", "7", "-r", ready}).size() == 1);
        CHECK(problems({"-p", "auto", "-r", ready}).size() == 1);
    }
    for (const char* const ready : {"/{port}/{port}5?{PORT}", "http://localhost:{port}/", "tcp://[::1]:0{port}",
                                    "tcp://localhost:9000", "http://localhost/"}) {
        CAPTURE(ready);
        CHECK(problems({"-p", "auto", "-r", ready}).empty());
    }
    CHECK(
        problems({"-p", "auto", "-r", "tcp://localhost:1{port}"}) ==
        Lines{
            "the readiness probe \"localhost:1{port}\" of the server 'server' is \"localhost:165535\" with port 65535, "
            "which \"auto\" may choose, no address of a server on this machine: write HOST:PORT, with localhost, an "
            "IPv4 or a bracketed IPv6 address as HOST, and {port} or 1 to 65535 as PORT"});
}

TEST_CASE("a probe is checked with the port of its own server") {
    Config config;
    config.servers = {server("a", 7), server("b", 20001), server("c", auto_port.number)};
    for (ServerConfig& one : config.servers) {
        one.ready.tcp = "localhost:{port}5";
    }
    CHECK(finish_config(config, good({"x"})).size() == 2);
}
