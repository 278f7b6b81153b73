#include "vlmshim/core/config/first_config.hpp"

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

/// A file: URL, RFC 8089.
std::string url_of_file(const std::string& path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string url = "file://";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = is_letter_or_digit(c) || std::string_view("/-._~").find(c) != std::string::npos;
        url += is_plain ? std::string(1, c) : std::string{'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    return url;
}

constexpr std::string_view ready_by_health = R"(
[server.ready]
http = "http://localhost:{port}/health"   # 503 while the model is loaded, then 200
timeout = "10m"   # the first start may have to download the model
)";

constexpr std::string_view ready_by_listening = R"(
[server.ready]
tcp = "localhost:{port}"   # it listens; better, where the server has such a page:
#http = "http://localhost:{port}/health"
timeout = "2m"
)";

constexpr std::string_view no_server =
    R"(# Nothing here says how to start a server: the test brings its own, or fill this in.
#[server]
#name = "smolvlm"
#command = ["llama-server", "-m", "model.gguf", "--port", "{port}"]
#port = 8080
#[server.ready]
#http = "http://localhost:{port}/health"
)";

std::string server_text(const GuessedServer& server) {
    return "# " + server.why +
           " Started before the test, ended after it.\n[server]\nname = " + toml_string(server.name) +
           "\ncommand = " + toml_array(server.command) + "\nport = " + server.port +
           (server.port_comment.empty() ? "" : "   # " + server.port_comment) + "\n" + server.more_keys +
           std::string(server.has_health ? ready_by_health : ready_by_listening);
}

std::string test_text(const FolderGuess& guess) {
    const std::string limit = "#timeout = \"30m\"   # then it is ended, with status 124\n";
    if (!guess.test.empty()) {
        return "# Or another one for once: vlmshim -- COMMAND\n[test]\ncommand = " + toml_array(guess.test) + "\n" +
               limit;
    }
    return std::string(guess.lacks_pytest ? "# There are tests for pytest here, and no pytest is in PATH"
                                          : "# No test was seen here") +
           ": fill this in, or name it for once: vlmshim -- COMMAND\n[test]\n#command = [\"pytest\"]\n" + limit;
}

}  // namespace

FirstConfig first_config(const FolderFacts& facts) {
    const FolderGuess guess = guess_from(facts);
    FirstConfig made;
    made.text = "#:schema " + url_of_file(facts.schema) +
                "\n# For vlmshim(1). `vlmshim --help config` explains every key, `vlmshim --check` says what will not "
                "work,\n# and `vlmshim` runs it.\n\n" +
                (guess.server ? server_text(*guess.server) : std::string(no_server)) + "\n" + test_text(guess);
    made.server = guess.server ? join_command(guess.server->command) : "";
    made.test = guess.test.empty() ? "" : join_command(guess.test);
    return made;
}

}  // namespace vlmshim
