// Guesses from the text of a script about the server that it starts. A wrong guess must do no harm.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// "port=8000", "PORT = 8000", "--port", "8000": the first number of at least 80 after the word, with only punctuation
/// between them.
std::optional<int> port_in(std::string text);

/// Whether it declares an option --port to argparse, click or typer.
bool takes_port_option(std::string_view script);

}  // namespace vlmshim
