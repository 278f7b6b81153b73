#include "vlmshim/core/report/supervisor_title.hpp"

#include <algorithm>

#include "vlmshim/core/values/process_names.hpp"
#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

bool take(std::string_view& text, std::string_view prefix) {
    const bool is_there = text.starts_with(prefix);
    text.remove_prefix(is_there ? prefix.size() : 0);
    return is_there;
}

std::optional<Phase> take_phase(std::string_view& text) {
    for (int number = 0; number <= static_cast<int>(Phase::Done); ++number) {
        const auto phase = static_cast<Phase>(number);
        if (take(text, phase_name(phase))) {
            return phase;
        }
    }
    return std::nullopt;
}

}  // namespace

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

SupervisorTitle read_supervisor_title(std::string_view title) {
    if (!take(title, supervisor_name) || !take(title, ": ")) {
        return {};
    }
    SupervisorTitle read;
    read.phase = take_phase(title);
    if (read.phase && title.empty()) {
        return read;
    }
    if ((read.phase && !take(title, ", ")) || (!take(title, "ports ") && !take(title, "port "))) {
        return {};
    }
    for (bool more = true; more; more = take(title, ", ")) {
        const std::string_view digits = title.substr(0, title.find(','));
        Port port;
        if (!read_number(digits, port.number) || port == Port{}) {
            return {};
        }
        read.ports.push_back(port);
        title.remove_prefix(digits.size());
    }
    return read;
}

}  // namespace vlmshim
