#include "vlmshim/core/values/http_status.hpp"

#include <algorithm>
#include <cctype>

namespace vlmshim {

HttpStatusLine parse_http_status(std::string_view received) {
    using State = HttpStatusLine::State;
    constexpr std::string_view prefix = "HTTP/1.";
    constexpr std::size_t longest_line = 1024;

    const std::string_view start = received.substr(0, prefix.size());
    if (start != prefix.substr(0, start.size())) {
        return {State::Invalid, 0};
    }
    // Too long is too long even when the line's end has come with the same packet.
    const std::size_t end = std::min(received.find('\n'), received.size());
    if (end > longest_line) {
        return {State::Invalid, 0};
    }
    if (end == received.size()) {
        return {State::Incomplete, 0};
    }
    // "HTTP/1.1 200", then a blank or the line's end
    const std::string_view line = received.substr(0, end);
    const auto digit = [&](std::size_t i) {
        return i < line.size() && std::isdigit(static_cast<unsigned char>(line[i])) != 0;
    };
    if (!digit(7) || line.size() < 12 || line[8] != ' ' || !digit(9) || !digit(10) || !digit(11) || digit(12)) {
        return {State::Invalid, 0};
    }
    const int status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    const bool in_range = status >= 100 && status <= 599;
    return {in_range ? State::Valid : State::Invalid, in_range ? status : 0};
}

}  // namespace vlmshim
