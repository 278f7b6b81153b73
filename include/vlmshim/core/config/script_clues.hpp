// What the text of somebody's script gives away of the server that it starts: a guess, which has to do no harm when
// wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

/// "port=8000", "PORT = 8000", "--port", "8000": the first number from 80 on behind the word, with nothing but signs
/// between.
std::optional<int> port_in(std::string text);

/// Whether argparse, click or typer are told of an option --port.
bool takes_port_option(std::string_view script);

}  // namespace vlmshim
