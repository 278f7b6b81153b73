#include <doctest/doctest.h>

#include "vlmshim/core/config/config_toml.hpp"

using namespace vlmshim;
using Lines = std::vector<std::string>;

namespace {

Lines errors_of(std::string_view text) {
    return parse_config(text, "vlmshim.toml").errors;
}

/// The one error of a text whose first line is a good [server].
std::string server_error(const std::string& keys) {
    const Lines errors = errors_of("server.command = ['x']\n" + keys);
    return errors.size() == 1 ? errors[0] : std::to_string(errors.size()) + " errors";
}

}  // namespace

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
    for (const char* later : {"[isolation]\npid_namespace=1", "[shutdown]\nafter='x'"}) {
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
              "vlmshim.toml:6:8: 'port' in [server] must be a port number from 1 to 65535, \"auto\" or \"none\", found "
              "the "
              "integer 0",
              "vlmshim.toml:8:11: 'timeout' in [test] needs a unit: write \"30s\", found the integer 30",
          });
}

TEST_CASE("wrong types are refused") {
    struct Row {
        const char* keys;
        const char* error;
    };
    for (const Row& row : {
             Row{"server.port = 'any'",
                 "'port' in [server] must be a port number from 1 to 65535, \"auto\" or \"none\", found the string "
                 "\"any\""},
             Row{"server.port = 70000",
                 "'port' in [server] must be a port number from 1 to 65535, \"auto\" or \"none\", found the integer "
                 "70000"},
             Row{"server.port = 1.5",
                 "'port' in [server] must be a port number from 1 to 65535, \"auto\" or \"none\", found a "
                 "floating-point number"},
             Row{"server.name = true", "'name' in [server] must be a string, found true"},
             Row{"server.env = []", "'env' in [server] must be a table, found an array"},
             Row{"server.env.A = 1", "'A' in [server.env] must be a string, found an integer"},  // it may be secret
             Row{"server.env.A = true", "'A' in [server.env] must be a string, found true or false"},
             Row{"server.env.A = [1]", "'A' in [server.env] must be a string, found an array"},
             Row{"server.env.A = \"x\\u0000\"", "'A' in [server.env] must not hold a NUL byte, found a string"},
             Row{"server.env = 'A=1'", "'env' in [server] must be a table, found a string"},
             Row{"server.unset_env = 'A'",
                 "'unset_env' in [server] must be an array of strings, found the string \"A\""},
             Row{"server.grace = 1979-05-27",
                 "'grace' in [server] must be a duration such as \"1.5s\", found a date or a time"},
             Row{"test = 1", "'test' must be a table, found the integer 1"},
             Row{"report.path = 1", "'path' in [report] must be a string or an array of strings, found the integer 1"},
             Row{"report.path = ['a', 1]",
                 "'path' in [report] must be a string or an array of strings, found the integer 1"},
             Row{"report.path = ''", "'path' in [report] must not be empty; leave it out for no report"},
             Row{"report.path = []", "'path' in [report] must not be empty; leave it out for no report"},
             Row{"report.path = ['a', '']", "'path' in [report] must not be empty; leave it out for no report"},
             Row{"report.path = ['a', 'b', 'a']", "'path' in [report] names a file twice: \"a\""},
             Row{"ports.guard = 8080",
                 "'guard' in [ports] must be an array of port numbers from 1 to 65535 or \"auto\", found the integer "
                 "8080"},
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

TEST_CASE("the value of a variable is never quoted: it may be a token") {
    const std::string secret = "98765432109876543210";  // longer than any number that TOML has
    for (const std::string& keys : std::vector<std::string>{
             "server.env = { TOKEN = 98765 }",
             "server.env.TOKEN = 98765",
             "[server.env]\nTOKEN = [ '98765' ]",
             "server.env = { TOKEN = { NAME = '98765' } }",
             "server.env = { TOKEN = \"98765\\u0000\" }",
             "server.env = '98765'",
             "server.env = 98765",
             "server.env.TOKEN = " + secret,
             "server.env.TOKEN = 0x" + secret,
             "server.env.TOKEN = 1.9e98765",
             "server.env.TOKEN = x" + secret,
             "server.env.TOKEN = '" + secret,
             "server.env.TOKEN = '" + secret + "' x",
             "server.env.TOKEN = '" + secret + "'\nserver.env.TOKEN = '" + secret + "'",
         }) {
        CAPTURE(keys);
        const std::string error = server_error(keys);
        CHECK(error.substr(0, 13) == "vlmshim.toml:");
        CHECK(error.find("98765") == std::string::npos);
    }
}

TEST_CASE("values that cannot work are refused") {
    for (const char* keys : {
             "server.name = ''",
             "server.name = 'a b'",
             "server.name = \"a\\u0000\"",
             "server.cwd = ''",
             "server.cwd = \"\\u0000\"",
             "test.cwd = ''\ntest.command = 'x'",
             "test.cwd = '.'",  // of which command?
             "test.env = { 'A=B' = 'x' }",
             "test.env = { VLMSHIM_PORT = 'x' }",
             "test.unset_env = ['VLMSHIM_RUN']",
             "server.env = { '' = 'x' }",
             "server.env = { 'A=B' = 'x' }",
             "server.env = { \"A\\u0000\" = 'x' }",
             "server.env = { A = \"\\u0000\" }",
             "server.env = { VLMSHIM_RUN = 'x' }",
             "server.unset_env = ['A=']",
             "server.unset_env = ['']",
             "server.output = 'file:'",
             "server.output = 'captrue'",
             "server.stop_signal = 'SIGSTOP'",
             "server.stop_signal = 'CHLD'",
             "server.stop_signal = 'CONT'",
             "server.stop_signal = 'SIGTREM'",
             "server.stop_signal = 15",
             "server.grace = '3'",
             "server.grace = '-1s'",
             "server.on_exit = 'fial'",
             "server.ready.timeout = '0s'",
             "server.ready.http = ''",
             "server.ready.http = 'health'",
             "server.ready.http = 'http://example.com/'",
             "server.ready = 'health'",
             "server.ready = '/{port}\u00e9'",
             "server.ready = 7",
             "server.ready = { http = '/', status = [] }",
             "server.ready = { http = '/', status = 200 }",
             "server.ready = { http = '/', status = [199] }",
             "server.ready = { http = '/', status = [600] }",
             "server.ready = { http = '/', status = ['1xx'] }",
             "server.ready = { http = '/', status = ['6xx'] }",
             "server.ready = { http = '/', status = ['2x'] }",
             "server.ready = { http = '/', status = ['2xx', true] }",
             "server.ready = { status = [200] }",
             "server.ready = { headers = { A = 'b' } }",
             "server.ready = { insecure = true }",
             "server.ready = { http = '/', insecure = true }",
             "server.ready = { http = '/', headers = { 'a b' = 'c' } }",
             "server.ready = { http = '/', headers = { A = \"x\\r\\nB: y\" } }",
             "server.ready = { http = '/', headers = { A = 1 } }",
             "server.ready.unix = ''",
             "server.ready.log = ''",
             "server.ready.log = '('",
             "server.ready.log = 'a{2,1}'",
             "server.ready.log = 'x'\nserver.output = 'discard'",
             "server.ready.log = 'x'\nserver.output = 'file:/dev/stdout'",
             "server.ready.tcp = 'localhost:{port}'\nserver.port = 'none'",
             "server.ready = '/health'\nserver.port = 'none'",
             "server.ready.exec = 'x {port}'\nserver.port = 'none'",
             "server.ready.unix = 'run/{port}.sock'\nserver.port = 'none'",
             "server.ready.log = 'on {port}'\nserver.port = 'none'",
             "server.ready.log = 'on {port'",
             "server.ready.log = '{port}('",
             "server.ready.timeout = '1s'\nserver.port = 'none'",
             "server.port = 'nowhere'",
             "server.owner = 'all'",
             "server.stdin = 'closed'",
             "server.external = 1",
             "server.ready.http = 'http://localhost:{port}0/'",
             "server.ready.tcp = 'localhost'",
             "server.ready.tcp = 'tcp://localhost:1'",
             "server.ready.exec = []",
             "server.ready.exec = ['']",
             "server.ready.exec = 'a | b'",
             "test.command = []",
             "test.command = ''",
             "test.command = ['']",
             "test.command = 'a && b'",
             "test.command = ['a', \"\\u0000\"]",
             "test.timeout = '0s'",
             "ports.guard = []",
             "ports.guard = [0]",
             "ports.busy = 'Kill it'",
             "ports.spare = [1]",
             "signals.rewrite = { SIGKILL = 'SIGTERM' }",
             "signals.rewrite = { STOP = 'SIGTERM' }",
             "signals.rewrite = { 17 = 'SIGTERM' }",
             "signals.rewrite = { SIGFOO = 'SIGTERM' }",
             "signals.rewrite = { SIGTERM = 'SIGFOO' }",
             "signals.rewrite = { TERM = 'SIGINT', SIGTERM = 'SIGHUP' }",
             "log.format = 'xml'",
         }) {
        CAPTURE(keys);
        CHECK(server_error(keys).substr(0, 15) == "vlmshim.toml:2:");
    }
    for (const char* const key : {"command = 'x'", "owner = 'any'", "stdin = 'open'", "output = 'inherit'",
                                  "stop_signal = 'INT'", "grace = '1s'", "port = 'auto'", "ready.log = 'x'"}) {
        CAPTURE(key);
        const Lines errors = errors_of("[server]\nexternal = true\n" + std::string(key));
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].starts_with("vlmshim.toml:3:"));
    }
    CHECK(errors_of("[server]\n") ==
          Lines{"vlmshim.toml:1:1: 'command' is missing in [server]: nothing says how to start it"});
    CHECK(errors_of("server.command = []") == Lines{"vlmshim.toml:1:18: 'command' in [server] must not be empty"});
}

TEST_CASE("an error quotes what was found") {
    CHECK(server_error("server.on_exit = 'fial'") ==
          "vlmshim.toml:2:18: 'on_exit' in [server] must be one of \"fail\", \"ignore\", found \"fial\", did you mean "
          "\"fail\"?");
    CHECK(server_error("server.grace = '3'") ==
          "vlmshim.toml:2:16: 'grace' in [server] needs a unit: write \"3s\", found \"3\"");
    CHECK(server_error("server.stop_signal = 'SIGTREM'") ==
          "vlmshim.toml:2:22: 'stop_signal' in [server] must be the name of a signal such as \"SIGTERM\", "
          "found \"SIGTREM\", did you mean \"SIGTERM\"?");
    CHECK(server_error("server.ready.http = 'http://web/'") ==
          "vlmshim.toml:2:21: 'http' in [server.ready] is no address of a server on this machine: write /PATH or "
          "http://HOST:PORT/PATH, with localhost, an IPv4 or a bracketed IPv6 address as HOST, and {port} or 1 to "
          "65535 as PORT; a server elsewhere is external = true, found \"http://web/\"");
    CHECK(server_error("server.ready = { http = '/', headers = { Authorization = 7 } }") ==
          "vlmshim.toml:2:58: 'Authorization' in [server.ready.headers] must be a string, found an integer");
    CHECK(
        server_error("server.ready.log = '('")
            .starts_with("vlmshim.toml:2:20: 'log' in [server.ready] is no extended regular expression (regex(7)): "));
    CHECK(server_error("server.ready.log = '[{port}'\nserver.port = 80")
              .starts_with("vlmshim.toml:2:20: 'log' in [server.ready] is \"[80\" with port 80, no extended regular "));
    CHECK(server_error("server.ready.unix = '/run/{port}.sock'\nserver.port = 'none'") ==
          "vlmshim.toml:2:21: 'unix' in [server.ready] has {port}, and port = \"none\", found \"/run/{port}.sock\"");
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

TEST_CASE("the contents of a file are escaped in messages") {
    const std::string error = server_error("server.on_exit = \"\\u001b[31m\"");
    CHECK(error.find('\x1b') == std::string::npos);
    CHECK(server_error("\"\\u001b\" = 1").find('\x1b') == std::string::npos);
    // Quoted by the TOML parser itself.
    const Lines errors = errors_of("a = t\x7f");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].find('\x7f') == std::string::npos);
}
