// Just enough JSON to read a chat completion request: every text that is JSON is read, no other is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace standin {

struct Json {
    struct Member;
    using Array = std::vector<Json>;
    using Object = std::vector<Member>;  // in the order of the text

    std::variant<std::nullptr_t, bool, double, std::string, Array, Object> value;

    /// nullptr when this is no object or has no such key; the last one counts, as in most readers.
    const Json* find(std::string_view key) const;

    /// nullptr when this is something else.
    const std::string* string() const;
    const Array* array() const;

    bool is_true() const;
};

struct Json::Member {
    std::string key;
    Json json;
};

/// nullopt: not JSON, or nested deeper than 100.
std::optional<Json> read_json(std::string_view text);

/// With the quotes around it.
std::string json_string(std::string_view text);

}  // namespace standin
