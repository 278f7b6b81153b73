// Which values a key of vlmshim.toml(5) takes, for the JSON schema.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/config/toml_reader.hpp"

namespace vlmshim {

enum class ValueKind {
    Unknown,  // of a type without a shape: any value
    Text,
    Name,
    NonEmptyText,  // not empty
    Paths,         // one, or an array of them
    Texts,
    VariableNames,
    TextTable,
    Variables,
    Command,
    Port,
    ServerPort,  // or "none"
    Ports,
    Duration,
    PositiveDuration,
    Signal,
    SignalTable,
    Flag,
    Word,
    Statuses,
    Output,
    Table,
    Ready,   // a table, or one string
    Tables,  // one, or an array of them
};

struct KeyDescription;

struct Shape {
    ValueKind kind = ValueKind::Unknown;
    std::vector<std::string> (*words)() = nullptr;    // for Word
    std::vector<KeyDescription> (*keys)() = nullptr;  // for Table, Tables and Ready
};

struct KeyDescription {
    std::string key;
    std::string meaning;
    Shape shape;
    std::string default_value;  // as TOML; empty: it has none
    bool required = false;
};

/// [server] and the other sections, each with its keys.
std::vector<KeyDescription> describe_config();

namespace kind {

template <typename Value>
struct ShapeOf {
    static constexpr Shape shape{};
};
template <typename Enum>
requires std::is_enum_v<Enum>
struct ShapeOf<Enum> {
    static constexpr Shape shape{ValueKind::Word, choice_names<Enum>};
};
template <typename Value>
struct ShapeOf<std::optional<Value>> : ShapeOf<Value> {};

template <ValueKind kind>
struct OfKind {
    static constexpr Shape shape{kind};
};
template <>
struct ShapeOf<std::string> : OfKind<ValueKind::Text> {};
template <>
struct ShapeOf<std::vector<std::string>> : OfKind<ValueKind::Texts> {};
template <>
struct ShapeOf<std::map<std::string, std::string>> : OfKind<ValueKind::TextTable> {};
template <>
struct ShapeOf<Port> : OfKind<ValueKind::Port> {};
template <>
struct ShapeOf<std::vector<Port>> : OfKind<ValueKind::Ports> {};
template <>
struct ShapeOf<Millis> : OfKind<ValueKind::Duration> {};
template <>
struct ShapeOf<Signal> : OfKind<ValueKind::Signal> {};
template <>
struct ShapeOf<std::map<Signal, Signal>> : OfKind<ValueKind::SignalTable> {};
template <>
struct ShapeOf<bool> : OfKind<ValueKind::Flag> {};
template <>
struct ShapeOf<Output> : OfKind<ValueKind::Output> {};

template <auto One, auto Other>
inline constexpr bool is_same_reader =
    std::is_same_v<std::integral_constant<decltype(One), One>, std::integral_constant<decltype(Other), Other>>;

/// From the reader where it is more specific, else from the type.
template <typename Value, auto Read>
constexpr Shape shape_of() {
    if (is_same_reader<Read, &TableReader::command>) {
        return {ValueKind::Command};
    }
    if (is_same_reader<Read, &TableReader::positive_duration>) {
        return {ValueKind::PositiveDuration};
    }
    return ShapeOf<Value>::shape;
}

}  // namespace kind

}  // namespace vlmshim
