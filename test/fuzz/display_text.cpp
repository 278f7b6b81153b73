// What others wrote, in each of the forms in which it is shown.
#include <algorithm>
#include <string>
#include <variant>

#include "fuzz.hpp"
#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/report/github.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

bool is_utf8(std::string_view text) {
    TextPieces pieces(text);
    for (auto piece = pieces.next(); piece; piece = pieces.next()) {
        if (piece->kind == TextPiece::Kind::Byte) {
            return false;
        }
    }
    return true;
}

}  // namespace

void display_text(std::string_view data) {
    const std::string shown = vlmshim::display_text(data);
    require_printable(shown, "what is shown has no effect");
    require(is_utf8(shown), "what is shown is UTF-8");
    require(vlmshim::display_text(shown) == shown, "shown twice it is the same");
    require(shown.size() >= data.size(), "nothing is left out");
    require_printable(json_escape(data), "a JSON string has no effect");
    require_printable(github_error(data).substr(0, github_error(data).size() - 1), "an annotation is one line");
    const std::string command = join_command({"x", std::string(data)});
    require_printable(command, "a command has no effect");
    require(vlmshim::display_text(command) == command, "nothing is left to escape in a command");
    require_printable(quote_found(data), "a quoted text has no effect");
    require(whole_characters(data, 5).size() <= 5, "a beginning has a limit");
    require(!is_utf8(data) || is_utf8(whole_characters(data, 5)), "no character is cut in two");
    if (is_utf8(data) && data.find('\0') == std::string_view::npos) {
        const ParsedConfig again = parse_config("[test]\ncommand = [\"x\", " + toml_string(data) + "]", "");
        require(again.errors.empty() && again.config.test.command.at(1) == data, "TOML reads back what was written");
    }
}

}  // namespace fuzz
