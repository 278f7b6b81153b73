#include "vlmshim/core/report/supervisor_title.hpp"

#include <algorithm>

#include "vlmshim/core/values/process_names.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

std::string supervisor_title(Phase phase, const std::vector<Port>& ports, std::string_view command_line,
                             std::size_t room) {
    const auto is_said = [&](std::string_view word) { return command_line.find(word) != std::string_view::npos; };
    std::string title(supervisor_name);
    const auto add = [&](const std::string& part) {
        if (title.size() + part.size() <= room) {
            title += part;
        }
    };
    if (!is_said(phase_name(phase))) {
        add(": " + std::string(phase_name(phase)));
    }
    std::vector<Port> known = ports;
    std::erase(known, Port{});
    const bool any_said =
        std::any_of(known.begin(), known.end(), [&](Port port) { return is_said(std::to_string(port.number)); });
    if (!known.empty() && !any_said) {
        add((title.size() == supervisor_name.size() ? ": " : ", ") + list_ports(known));
    }
    return title.substr(0, room);
}

}  // namespace vlmshim
