#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

std::string count_of(std::size_t count, std::string_view noun) {
    const char* const ending = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
    return std::to_string(count) + " " + std::string(noun) + ending;
}

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts) {
        text += part;
    }
    return text;
}

std::string list_ports(const std::vector<Port>& ports) {
    std::string list;
    for (const Port port : ports) {
        list += (list.empty() ? "" : ", ") + std::to_string(port.number);
    }
    return (ports.size() == 1 ? "port " : "ports ") + list;
}

}  // namespace vlmshim
