#include "vlmshim/core/config/first_config.hpp"

#include <algorithm>
#include <optional>

#include "vlmshim/core/config/package_json.hpp"
#include "vlmshim/core/config/script_clues.hpp"
#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

using Words = std::vector<std::string>;

constexpr const char* smolvlm_script = "run_smolvlm.py";
constexpr const char* vqa_test = "vqa_test.py";
constexpr const char* smolvlm_model = "ggml-org/SmolVLM-500M-Instruct-GGUF";

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool holds(const Words& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

bool is_test_file(std::string_view name) {
    return name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"));
}

/// The part of a vision model that llama-server takes with --mmproj.
bool is_projector(const std::string& name) {
    return name.starts_with("mmproj");
}

/// Its name means the same in TOML, to vlmshim ({port}) and to llama-server (an option).
bool is_gguf(const std::string& name) {
    const auto is_plain = [](char c) {
        return is_letter_or_digit(c) || std::string_view("._+ -").find(c) != std::string::npos;
    };
    return name.ends_with(".gguf") && !name.starts_with('-') && std::all_of(name.begin(), name.end(), is_plain);
}

struct Server {
    Words command;
    std::string name = "server";
    std::string why{};  // what was seen
    std::string port = "8080";
    std::string port_is{};  // a comment
    std::string more{};     // whole lines
    bool has_health = false;
};

class Author {
public:
    explicit Author(const FolderFacts& facts) : facts_(facts) {
        const auto package = facts_.texts.find("package.json");
        if (package != facts_.texts.end() && has_program("npm")) {
            scripts_ = package_scripts(package->second);
        }
        python_ = has_program("python3") ? "python3" : has_program("python") ? "python" : "";
    }

    FirstConfig write() {
        std::optional<Server> server = script_server();
        if (!server) {
            server = package_server();
        }
        const bool is_package = server && server->name == "web";
        if (!server) {
            server = llama_server();
        }
        const Words test = test_command(is_package);
        FirstConfig made;
        made.text =
            "#:schema " + url_of_schema() +
            "\n# For vlmshim(1). `vlmshim --help config` explains every key, `vlmshim --check` says what will not "
            "work,\n# and `vlmshim` runs it.\n\n" +
            (server ? server_text(*server) : no_server_text()) + "\n" + test_text(test);
        made.server = server ? join_command(server->command) : "";
        made.test = test.empty() ? "" : join_command(test);
        return made;
    }

private:
    bool has_program(std::string_view name) const { return holds(facts_.programs, name); }
    bool has_file(std::string_view name) const { return holds(facts_.files, name); }

    std::string_view text_of(const std::string& name) const {
        const auto found = facts_.texts.find(name);
        return found == facts_.texts.end() ? std::string_view() : std::string_view(found->second);
    }

    /// A file: URL, RFC 8089.
    std::string url_of_schema() const {
        constexpr std::string_view digits = "0123456789ABCDEF";
        std::string url = "file://";
        for (const char c : facts_.schema) {
            const auto byte = static_cast<unsigned char>(c);
            const bool is_plain = is_letter_or_digit(c) || std::string_view("/-._~").find(c) != std::string::npos;
            url += is_plain ? std::string(1, c) : std::string{'%', digits[byte >> 4U], digits[byte & 15U]};
        }
        return url;
    }

    // --- servers

    std::optional<Server> script_server() const {
        if (!has_file(smolvlm_script) || python_.empty()) {
            return std::nullopt;
        }
        const std::string_view script = text_of(smolvlm_script);
        Server server{{python_, smolvlm_script}, "smolvlm", std::string(smolvlm_script) + " is here."};
        server.port = std::to_string(port_in(std::string(script)).value_or(8080));
        if (takes_port_option(script)) {
            append(server.command, {"--port", "{port}"});
            server.port_is = "what {port} stands for; \"auto\" takes a free one, for runs side by side";
        } else if (holds(script, "VLMSHIM_PORT")) {
            server.port_is = "the script reads it from VLMSHIM_PORT";
        } else {
            server.port_is = "the one that the script listens on: {port} in the command or in env tells it";
        }
        server.has_health = holds(script, "/health") || holds(script, "llama-server");
        return server;
    }

    std::optional<Server> package_server() const {
        const std::string name = scripts_.contains("start") ? "start" : scripts_.contains("dev") ? "dev" : "";
        if (name.empty()) {
            return std::nullopt;
        }
        const std::string& script = scripts_.at(name);
        Server server{{"npm"}, "web", "package.json has a script \"" + name + "\"."};
        append(server.command, name == "start" ? Words{"start"} : Words{"run", name});
        const std::size_t letter = script.find(" -p ");
        const std::optional<int> port =
            letter == std::string::npos ? port_in(script) : port_in("port" + script.substr(letter + 3));
        if (port) {
            server.port = std::to_string(*port);
            server.port_is = "the one in the script";
        } else if (script == "vite" || script.starts_with("vite ")) {
            append(server.command, {"--", "--port", "{port}", "--strictPort"});
            server.port = "5173";
        } else {
            server.port = "3000";
            server.port_is = "in PORT, which most servers go by";
            server.more = "env = { PORT = \"{port}\" }\n";
        }
        return server;
    }

    std::optional<Server> llama_server() const {
        if (!has_program("llama-server")) {
            return std::nullopt;
        }
        Server server{{"llama-server"}, "llama", "llama-server is in PATH."};
        const auto first = [&](bool (*is_wanted)(const std::string&)) {
            const auto found = std::find_if(facts_.files.begin(), facts_.files.end(), is_wanted);
            return found == facts_.files.end() ? std::string() : *found;
        };
        const std::string model = first([](const std::string& name) { return is_gguf(name) && !is_projector(name); });
        const std::string projector =
            first([](const std::string& name) { return is_gguf(name) && is_projector(name); });
        if (model.empty()) {
            append(server.command, {"-hf", smolvlm_model});
        } else {
            append(server.command, {"-m", model});
            if (!projector.empty()) {
                append(server.command, {"--mmproj", projector});
            }
        }
        append(server.command, {"--port", "{port}"});
        server.port_is = "what {port} stands for; \"auto\" takes a free one, for runs side by side";
        server.more =
            "unset_env = [\"LLAMA_SERVER_ROUTER_PORT\"]   # with it, llama-server exits at the end of its stdin\n";
        server.has_health = true;
        return server;
    }

    static std::string server_text(const Server& server) {
        std::string text = "# " + server.why +
                           " Started before the test, ended after it.\n[server]\nname = " + toml_string(server.name) +
                           "\ncommand = " + toml_array(server.command) + "\nport = " + server.port +
                           (server.port_is.empty() ? "" : "   # " + server.port_is) + "\n" + server.more;
        if (server.has_health) {
            return text +
                   "\n[server.ready]\nhttp = \"http://localhost:{port}/health\"   # 503 while the model is loaded, "
                   "then "
                   "200\ntimeout = \"10m\"   # the first start may have to download the model\n";
        }
        return text +
               "\n[server.ready]\ntcp = \"localhost:{port}\"   # it listens; better, where the server has such a "
               "page:\n"
               "#http = \"http://localhost:{port}/health\"\ntimeout = \"2m\"\n";
    }

    static std::string no_server_text() {
        return "# Nothing here says how to start a server: the test brings its own, or fill this in.\n"
               "#[server]\n#name = \"smolvlm\"\n#command = [\"llama-server\", \"-m\", \"model.gguf\", \"--port\", "
               "\"{port}\"]\n#port = 8080\n#[server.ready]\n#http = \"http://localhost:{port}/health\"\n";
    }

    // --- the test

    Words test_command(bool of_package) const {
        const Words npm = npm_test();
        if (of_package && !npm.empty()) {
            return npm;
        }
        const Words python = python_test();
        return python.empty() ? npm : python;
    }

    Words npm_test() const {
        const auto test = scripts_.find("test");
        const bool is_one = test != scripts_.end() && !holds(test->second, "no test specified");
        return is_one ? Words{"npm", "test"} : Words{};
    }

    Words python_test() const {
        const bool for_pytest = is_set_up_for_pytest();
        const std::string_view vqa = text_of(vqa_test);
        const bool is_script = has_file(vqa_test) && !holds(vqa, "def test") && !holds(vqa, "unittest");
        if (has_program("pytest") && (for_pytest || (!is_script && has_test_files()))) {
            return {"pytest"};
        }
        return is_script && !python_.empty() ? Words{python_, vqa_test} : Words{};
    }

    bool is_set_up_for_pytest() const {
        return has_file("pytest.ini") || has_file("conftest.py") || holds(text_of("pyproject.toml"), "[tool.pytest") ||
               holds(text_of("setup.cfg"), "[tool:pytest]");
    }

    bool has_test_files() const {
        return std::any_of(facts_.files.begin(), facts_.files.end(), is_test_file) ||
               std::any_of(facts_.files_in_tests.begin(), facts_.files_in_tests.end(), is_test_file);
    }

    std::string test_text(const Words& test) const {
        const std::string limit = "#timeout = \"30m\"   # then it is ended, with status 124\n";
        if (!test.empty()) {
            return "# Or another one for once: vlmshim -- COMMAND\n[test]\ncommand = " + toml_array(test) + "\n" +
                   limit;
        }
        const bool lacks_pytest = !has_program("pytest") && (is_set_up_for_pytest() || has_test_files());
        return std::string(lacks_pytest ? "# There are tests for pytest here, and no pytest is in PATH"
                                        : "# No test was seen here") +
               ": fill this in, or name it for once: vlmshim -- COMMAND\n[test]\n#command = [\"pytest\"]\n" + limit;
    }

    const FolderFacts& facts_;
    std::map<std::string, std::string> scripts_;
    std::string python_;
};

}  // namespace

std::vector<std::string> files_to_read() {
    return {smolvlm_script, vqa_test, "package.json", "pyproject.toml", "setup.cfg"};
}

std::vector<std::string> programs_to_look_for() {
    return {"python3", "python", "npm", "llama-server", "pytest"};
}

FirstConfig first_config(const FolderFacts& facts) {
    return Author(facts).write();
}

}  // namespace vlmshim
