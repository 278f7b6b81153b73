#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

std::string count_of(std::size_t count, std::string_view noun) {
    const char* const ending = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
    return std::to_string(count) + " " + std::string(noun) + ending;
}

std::string list_ports(const std::vector<Port>& ports) {
    std::string list;
    for (const Port port : ports) {
        list += (list.empty() ? "" : ", ") + std::to_string(port.number);
    }
    return (ports.size() == 1 ? "port " : "ports ") + list;
}

}  // namespace vlmshim
