#include "vlmshim/core/config/fields.hpp"

#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

std::string set_line(std::string_view key, const std::string& value) {
    return std::string(key) + " = " + value + "\n";
}

std::string unset_line(std::string_view key, const Unset& unset) {
    return "# " + std::string(key) + " = " + std::string(unset.example) + "   (" + std::string(unset.absence) + ")\n";
}

std::string toml_value(const std::string& text) {
    return toml_string(text);
}

std::string toml_value(const std::vector<std::string>& texts) {
    return toml_array(texts);
}

std::string toml_value(const std::map<std::string, std::string>& table) {
    std::string list;
    for (const auto& [key, value] : table) {
        list += (list.empty() ? " " : ", ") + toml_key(key) + " = " + toml_string(value);
    }
    return list.empty() ? "{}" : "{" + list + " }";
}

std::string toml_value(Millis duration) {
    return toml_string(format_duration(duration));
}

std::string toml_value(Port port) {
    return port == auto_port ? toml_string("auto") : std::to_string(port.number);
}

std::string toml_value(const std::vector<Port>& ports) {
    std::string list;
    for (const Port port : ports) {
        list += (list.empty() ? "" : ", ") + toml_value(port);
    }
    return "[" + list + "]";
}

std::string toml_value(Signal signal) {
    return toml_string(signal_name(signal));
}

}  // namespace vlmshim
