#include <doctest/doctest.h>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/config/first_config.hpp"
#include "vlmshim/core/config/package_json.hpp"
#include "vlmshim/core/config/script_clues.hpp"

using namespace vlmshim;
using Words = std::vector<std::string>;
using Texts = std::map<std::string, std::string>;

namespace {

const Words everything{"python3", "python", "npm", "llama-server", "pytest"};

FolderFacts folder(const Words& files, const Texts& texts, const Words& programs, const Words& in_tests = {}) {
    FolderFacts facts;
    facts.files = files;
    facts.files_in_tests = in_tests;
    facts.texts = texts;
    for (const auto& [name, text] : texts) {
        facts.files.push_back(name);
    }
    facts.programs = programs;
    facts.schema = "/usr/share/vlmshim/vlmshim.schema.json";
    return facts;
}

/// The configuration in the file, which has no errors and can be run as it is.
Config meant_by(const FolderFacts& facts) {
    const FirstConfig made = first_config(facts);
    CAPTURE(made.text);
    ParsedConfig parsed = parse_config(made.text, "vlmshim.toml", RelativeTo::CallersFolder);
    CHECK(parsed.errors == Words{});
    CommandLine line;
    line.mode = Mode::Check;
    CHECK(finish_config(parsed.config, line) == Words{});
    CHECK(made.text.starts_with("#:schema file:///usr/share/vlmshim/vlmshim.schema.json\n"));
    CHECK(made.server.empty() == parsed.config.servers.empty());
    CHECK(made.test.empty() == parsed.config.test.command.empty());
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < made.text.size();) {
        const std::size_t end = made.text.find('\n', begin);
        longest = std::max(longest, end - begin);
        begin = end + 1;
    }
    CHECK(longest <= 120);
    return parsed.config;
}

Words server_of(const FolderFacts& facts) {
    const Config config = meant_by(facts);
    return config.servers.empty() ? Words{} : config.servers.front().command;
}

Words test_of(const FolderFacts& facts) {
    return meant_by(facts).test.command;
}

std::string package(const std::string& scripts) {
    return R"({"name": "x", "config": {"scripts": {"start": "no"}}, "scripts": {)" + scripts + R"(}, "version": "1"})";
}

}  // namespace

TEST_CASE("an empty folder gives a file that is all comments") {
    for (const Words& programs : {Words{}, Words{"python3", "npm", "pytest"}}) {
        const Config config = meant_by(folder({}, {}, programs));
        CHECK(config.servers.empty());
        CHECK(config.test.command.empty());
    }
}

TEST_CASE("the first server that is found and can work is taken") {
    struct Row {
        const char* what;
        FolderFacts facts;
        Words command;
        int port;
    };
    const std::string argparse = "p.add_argument('-p',\n   '--port', type=int, default=9000)";
    const std::vector<Row> rows{
        {"a script of its own", folder({}, {{"run_smolvlm.py", ""}}, everything), {"python3", "run_smolvlm.py"}, 8080},
        {"only python",
         folder({}, {{"run_smolvlm.py", "PORT = 8000\n"}}, {"python"}),
         {"python", "run_smolvlm.py"},
         8000},
        {"it takes a port",
         folder({}, {{"run_smolvlm.py", argparse}}, everything),
         {"python3", "run_smolvlm.py", "--port", "{port}"},
         8080},
        {"it passes --port on",
         folder({}, {{"run_smolvlm.py", "run(['llama-server', '--port', '8099'])"}}, everything),
         {"python3", "run_smolvlm.py"},
         8099},
        {"no Python", folder({}, {{"run_smolvlm.py", ""}}, {"npm"}), {}, 0},
        {"no Python, llama-server",
         folder({}, {{"run_smolvlm.py", ""}}, {"llama-server"}),
         {"llama-server", "-hf", "ggml-org/SmolVLM-500M-Instruct-GGUF", "--port", "{port}"},
         8080},
        {"start before dev",
         folder({}, {{"package.json", package(R"("dev": "b", "start": "node server.js")")}}, everything),
         {"npm", "start"},
         3000},
        {"dev",
         folder({}, {{"package.json", package(R"("dev": "next dev -p 3001")")}}, {"npm"}),
         {"npm", "run", "dev"},
         3001},
        {"a port in the script",
         folder({}, {{"package.json", package(R"("start": "PORT=4000 node .")")}}, {"npm"}),
         {"npm", "start"},
         4000},
        {"vite",
         folder({}, {{"package.json", package(R"("dev": "vite --host")")}}, {"npm"}),
         {"npm", "run", "dev", "--", "--port", "{port}", "--strictPort"},
         5173},
        {"neither start nor dev",
         folder({}, {{"package.json", package(R"("build": "x")")}}, everything),
         {"llama-server", "-hf", "ggml-org/SmolVLM-500M-Instruct-GGUF", "--port", "{port}"},
         8080},
        {"no npm", folder({}, {{"package.json", package(R"("start": "x")")}}, {"python3"}), {}, 0},
        {"no package", folder({}, {{"package.json", "{\"scripts\": {\"start\""}}, {"npm"}), {}, 0},
        {"models of this folder",
         folder({"mmproj-a.gguf", "-x.gguf", "a{port}.gguf", "b\n.gguf", "model-00001-of-00002.gguf", "z.gguf"}, {},
                {"llama-server"}),
         {"llama-server", "-m", "model-00001-of-00002.gguf", "--mmproj", "mmproj-a.gguf", "--port", "{port}"},
         8080},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Config config = meant_by(row.facts);
        CHECK(server_of(row.facts) == row.command);
        if (!config.servers.empty()) {
            CHECK(config.servers.front().port->number == row.port);
        }
    }
}

TEST_CASE("a server with a known health page gets an http probe, any other a tcp probe") {
    const auto asks = [](const FolderFacts& facts) { return !meant_by(facts).servers.at(0).ready.http.empty(); };
    CHECK_FALSE(asks(folder({}, {{"run_smolvlm.py", "serve()"}}, everything)));
    CHECK(asks(folder({}, {{"run_smolvlm.py", "llama-server"}}, everything)));
    CHECK(asks(folder({}, {{"run_smolvlm.py", "@get('/health')"}}, everything)));
    CHECK(asks(folder({}, {}, everything)));
}

TEST_CASE("the test is one that is set up and can be run") {
    const std::string pytest_section = "[tool.pytest.ini_options]\n";
    const std::string npm_init = R"("test": "echo \"Error: no test specified\" && exit 1")";
    struct Row {
        const char* what;
        FolderFacts facts;
        Words command;
    };
    const std::vector<Row> rows{
        {"pytest.ini", folder({"pytest.ini"}, {}, everything), {"pytest"}},
        {"pytest.ini beats a script", folder({"pytest.ini"}, {{"vqa_test.py", "ask()"}}, everything), {"pytest"}},
        {"conftest.py", folder({"conftest.py"}, {}, everything), {"pytest"}},
        {"pyproject.toml", folder({}, {{"pyproject.toml", pytest_section}}, everything), {"pytest"}},
        {"pyproject.toml without", folder({}, {{"pyproject.toml", "[project]\n"}}, everything), {}},
        {"setup.cfg", folder({}, {{"setup.cfg", "[tool:pytest]\n"}}, everything), {"pytest"}},
        {"test files", folder({"a_test.py"}, {}, everything), {"pytest"}},
        {"test files in tests", folder({}, {}, everything, {"test_a.py"}), {"pytest"}},
        {"other files in tests", folder({"test.py"}, {}, everything, {"data.json", "a.py"}), {}},
        {"a script", folder({}, {{"vqa_test.py", "ask()"}}, everything), {"python3", "vqa_test.py"}},
        {"a script, no pytest", folder({}, {{"vqa_test.py", "ask()"}}, {"python"}), {"python", "vqa_test.py"}},
        {"of pytest", folder({}, {{"vqa_test.py", "def test_a(): ask()"}}, everything), {"pytest"}},
        {"of pytest, which is not there", folder({}, {{"vqa_test.py", "def test_a(): ask()"}}, {"python3"}), {}},
        {"no pytest", folder({"pytest.ini"}, {}, {"python3", "npm"}), {}},
        {"npm test", folder({}, {{"package.json", package(R"("test": "vitest")")}}, {"npm"}), {"npm", "test"}},
        {"what npm init writes", folder({}, {{"package.json", package(npm_init)}}, {"npm"}), {}},
        {"the test of the package, if it is the server",
         folder({"test_a.py"}, {{"package.json", package(R"("start": "x", "test": "jest")")}}, everything),
         {"npm", "test"}},
        {"else that of Python",
         folder({"test_a.py"}, {{"package.json", package(R"("test": "jest")")}}, everything),
         {"pytest"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(test_of(row.facts) == row.command);
    }
}

TEST_CASE("the place of the schema becomes a URL") {
    FolderFacts facts = folder({}, {}, {});
    facts.schema = "/opt/my tools/100%/ü.json";
    CHECK(first_config(facts).text.starts_with("#:schema file:///opt/my%20tools/100%25/%C3%BC.json\n"));
}

TEST_CASE("the port that a script names") {
    for (const char* const text :
         {"port=8000", "x\nPORT = 8000", "['--port', '8000']", "server_port: 8000", "port 7; port 8000"}) {
        CAPTURE(text);
        CHECK(port_in(text) == 8000);
    }
    for (const char* const text : {"", "port", "export 8000", "support=8000", "port\n8000", "port int 8000",
                                   "port=8000000000000", "port=70000", "port8000", "port             8000"}) {
        CAPTURE(text);
        CHECK(port_in(text) == std::nullopt);
    }
    CHECK(takes_port_option("p.add_argument('-p', '--port')"));
    CHECK(takes_port_option("@click.option(\n  \"--port\", type=int)"));
    CHECK(takes_port_option("port: int = typer.Option(8080, \"--port\""));
    CHECK_FALSE(takes_port_option("run(['llama-server', '--port', '80'])"));
    CHECK_FALSE(takes_port_option("p.add_argument('--host'); x = '--port'"));
}

TEST_CASE("the scripts of a package.json") {
    CHECK(package_scripts("") == Texts{});
    CHECK(package_scripts(package("")) == Texts{});
    CHECK(package_scripts(package(R"("a": "say \"x\"", "b": 1, "c": {"d": "e"}, "f": "g")")) ==
          Texts{{"a", "say \"x\""}, {"f", "g"}});
    CHECK(package_scripts(R"({"scripts": ["a"], "a": "scripts", "b": {"c": "d"}})") == Texts{});
    CHECK(package_scripts(R"({"scripts": {"a": "b)") == Texts{{"a", "b"}});
    CHECK(package_scripts(R"({"scripts": {"a": "b\)") == Texts{{"a", "b\\"}});
}
