#include "vlmshim/core/config/script_clues.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

std::optional<int> port_in(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), to_small);
    for (std::size_t at = text.find("port"); at != std::string::npos; at = text.find("port", at + 1)) {
        if (at > 0 && is_letter(text[at - 1])) {
            continue;  // "export 9000"
        }
        std::size_t begin = at + 4;
        while (begin < text.size() && begin < at + 12 && !is_digit(text[begin]) && !is_letter(text[begin]) &&
               text[begin] != '_' && text[begin] != '\n') {
            ++begin;
        }
        std::size_t end = begin;
        while (end < text.size() && is_digit(text[end])) {
            ++end;
        }
        int port = 0;
        if (begin > at + 4 && read_number(text.substr(begin, end - begin), port) && port >= 80 && port <= 65535) {
            return port;
        }
    }
    return std::nullopt;
}

bool takes_port_option(std::string_view script) {
    for (const std::string_view call : {"add_argument(", "option(", "Option("}) {
        for (std::size_t at = script.find(call); at != std::string_view::npos; at = script.find(call, at + 1)) {
            const std::string_view arguments = script.substr(at, script.find(')', at) - at);
            if (arguments.find("\"--port\"") != std::string_view::npos ||
                arguments.find("'--port'") != std::string_view::npos) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace vlmshim
