#include "vlmshim/core/config/folder_guess.hpp"

#include <algorithm>

#include "vlmshim/core/config/package_json.hpp"
#include "vlmshim/core/config/script_clues.hpp"
#include "vlmshim/core/values/ascii.hpp"

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

/// With a name that needs no escape in TOML, and is neither {port} to vlmshim nor an option to llama-server.
bool is_gguf(const std::string& name) {
    const auto is_plain = [](char c) {
        return is_letter_or_digit(c) || std::string_view("._+ -").find(c) != std::string::npos;
    };
    return name.ends_with(".gguf") && !name.starts_with('-') && std::all_of(name.begin(), name.end(), is_plain);
}

class Guesser {
public:
    explicit Guesser(const FolderFacts& facts) : facts_(facts) {
        const auto package = facts_.texts.find("package.json");
        if (package != facts_.texts.end() && has_program("npm")) {
            scripts_ = package_scripts(package->second);
        }
        python_ = has_program("python3") ? "python3" : has_program("python") ? "python" : "";
    }

    FolderGuess guess() const {
        FolderGuess guess{.server = script_server(), .test = python_test(), .lacks_pytest = lacks_pytest()};
        const Words npm = npm_test();
        if (!guess.server) {
            guess.server = package_server();
            if (guess.server && !npm.empty()) {
                guess.test = npm;
            }
        }
        if (!guess.server) {
            guess.server = llama_server();
        }
        if (guess.test.empty()) {
            guess.test = npm;
        }
        return guess;
    }

private:
    bool has_program(std::string_view name) const { return holds(facts_.programs, name); }
    bool has_file(std::string_view name) const { return holds(facts_.files, name); }

    std::string_view text_of(const std::string& name) const {
        const auto found = facts_.texts.find(name);
        return found == facts_.texts.end() ? std::string_view() : std::string_view(found->second);
    }

    std::optional<GuessedServer> script_server() const {
        if (!has_file(smolvlm_script) || python_.empty()) {
            return std::nullopt;
        }
        const std::string_view script = text_of(smolvlm_script);
        GuessedServer server{{python_, smolvlm_script}, "smolvlm", std::string(smolvlm_script) + " is here."};
        server.port = std::to_string(port_in(std::string(script)).value_or(8080));
        if (takes_port_option(script)) {
            append(server.command, {"--port", "{port}"});
            server.port_comment = "what {port} stands for; \"auto\" takes a free one, for runs side by side";
        } else if (holds(script, "VLMSHIM_PORT")) {
            server.port_comment = "the script reads it from VLMSHIM_PORT";
        } else {
            server.port_comment = "the one that the script listens on; {port} in the command or in env passes it";
        }
        server.has_health = holds(script, "/health") || holds(script, "llama-server");
        return server;
    }

    std::optional<GuessedServer> package_server() const {
        const std::string name = scripts_.contains("start") ? "start" : scripts_.contains("dev") ? "dev" : "";
        if (name.empty()) {
            return std::nullopt;
        }
        const std::string& script = scripts_.at(name);
        GuessedServer server{{"npm"}, "web", "package.json has a script \"" + name + "\"."};
        append(server.command, name == "start" ? Words{"start"} : Words{"run", name});
        const std::size_t letter = script.find(" -p ");
        const std::optional<int> port =
            letter == std::string::npos ? port_in(script) : port_in("port" + script.substr(letter + 3));
        if (port) {
            server.port = std::to_string(*port);
            server.port_comment = "the one in the script";
        } else if (script == "vite" || script.starts_with("vite ")) {
            append(server.command, {"--", "--port", "{port}", "--strictPort"});
            server.port = "5173";
        } else {
            server.port = "3000";
            server.port_comment = "in PORT, which most servers go by";
            server.more_keys = "env = { PORT = \"{port}\" }\n";
        }
        return server;
    }

    std::optional<GuessedServer> llama_server() const {
        if (!has_program("llama-server")) {
            return std::nullopt;
        }
        GuessedServer server{{"llama-server"}, "llama", "llama-server is in PATH."};
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
        server.port_comment = "what {port} stands for; \"auto\" takes a free one, for runs side by side";
        server.more_keys =
            "unset_env = [\"LLAMA_SERVER_ROUTER_PORT\"]   # with it, llama-server exits at the end of its stdin\n";
        server.has_health = true;
        return server;
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

    bool lacks_pytest() const { return !has_program("pytest") && (is_set_up_for_pytest() || has_test_files()); }

    const FolderFacts& facts_;
    std::map<std::string, std::string> scripts_;  // of package.json
    std::string python_;                          // the interpreter; empty: none is in PATH
};

}  // namespace

std::vector<std::string> files_to_read() {
    return {smolvlm_script, vqa_test, "package.json", "pyproject.toml", "setup.cfg"};
}

std::vector<std::string> programs_to_look_for() {
    return {"python3", "python", "npm", "llama-server", "pytest"};
}

FolderGuess guess_from(const FolderFacts& facts) {
    return Guesser(facts).guess();
}

}  // namespace vlmshim
