#include "vlmshim/core/report/json_members.hpp"

namespace vlmshim {

namespace {

template <typename Number>
void write_number(JsonWriter& json, std::string_view key, std::optional<Number> value) {
    json.key(key);
    if (value) {
        json.number(*value);
    } else {
        json.null();
    }
}

}  // namespace

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
    json.key(key);
    if (text.empty()) {
        json.null();
    } else {
        json.string(text);
    }
}

void write_pid(JsonWriter& json, std::string_view key, Pid pid) {
    write_number(json, key, pid.value != 0 ? std::optional(pid.value) : std::nullopt);
}

void write_port(JsonWriter& json, std::string_view key, Port port) {
    write_number(json, key, port.number != 0 ? std::optional(port.number) : std::nullopt);
}

void write_millis(JsonWriter& json, std::string_view key, std::optional<Millis> value) {
    write_number(json, key, value ? std::optional(value->count()) : std::nullopt);
}

void write_count(JsonWriter& json, std::string_view key, std::optional<std::uint64_t> value) {
    write_number(json, key, value);
}

void write_ports(JsonWriter& json, std::string_view key, std::span<const Port> ports) {
    json.key(key).begin_array();
    for (const Port port : ports) {
        if (port != Port{}) {
            json.number(port.number);
        }
    }
    json.end_array();
}

}  // namespace vlmshim
