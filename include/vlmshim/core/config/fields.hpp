// One description of a key of vlmshim.toml(5) serves reading it, printing it, explaining it and its JSON schema. A
// section is a table of such fields: read in that order, and printed in it.
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/config/key_shape.hpp"
#include "vlmshim/core/config/toml_reader.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

enum class Show { Values, Meanings };

struct Printing {
    const Config& config;  // the whole: a default may be in another section
    Show show = Show::Values;
};

/// How a key without a value is printed, in a comment: an example, and the meaning of its absence.
struct Unset {
    std::string_view example;
    std::string_view absence;
};

/// Meanings of an absence that is an error.
inline constexpr std::string_view required = "required";
inline constexpr std::string_view required_unless_external = "required, unless external = true";

template <typename Section>
struct Field;

template <typename Section>
struct Kind {
    /// The default stays when the key is absent, or its value was refused and reported.
    void (*read)(TableReader& table, std::string_view key, Section& section);
    /// Whole lines.
    std::string (*print)(const Field<Section>& field, const Section& section, const Printing& printing);
    Shape shape{};
};

/// For a kind whose shape follows neither from the type nor from the reader.
template <typename Section>
constexpr Kind<Section> shaped(Kind<Section> kind, ValueKind value) {
    kind.shape = {value};
    return kind;
}

template <typename Section>
struct Field {
    std::string_view key;
    std::string_view meaning;  // one line of at most 70 characters
    Kind<Section> kind;
    Unset unset{};
};

/// Section is not deduced from this, so that an array can be passed.
template <typename Section>
using Fields = std::type_identity_t<std::span<const Field<Section>>>;

/// The caller then checks what concerns several keys, and calls report_unknown_keys.
template <typename Section>
void read_fields(Fields<Section> fields, TableReader& table, Section& section) {
    for (const Field<Section>& field : fields) {
        field.kind.read(table, field.key, section);
    }
}

template <typename Section>
void read_section(Fields<Section> fields, TableReader& table, Section& section) {
    read_fields(fields, table, section);
    table.report_unknown_keys();
}

std::string set_line(std::string_view key, const std::string& value);
std::string unset_line(std::string_view key, const Unset& unset);

template <typename Section>
std::string print_field(const Field<Section>& field, const Section& section, const Printing& printing) {
    const std::string lines = field.kind.print(field, section, printing);
    if (printing.show == Show::Values) {
        return lines;
    }
    return "# " + std::string(field.meaning) + "\n" + (lines.empty() ? unset_line(field.key, field.unset) : lines);
}

template <typename Section>
std::string print_fields(Fields<Section> fields, const Section& section, const Printing& printing) {
    std::string text;
    for (const Field<Section>& field : fields) {
        text += print_field(field, section, printing);
    }
    return text;
}

template <typename Section>
std::vector<KeyDescription> describe_fields(Fields<Section> fields) {
    const Section section{};
    const Config config{};
    std::vector<KeyDescription> keys;
    for (const Field<Section>& field : fields) {
        KeyDescription key{std::string(field.key), std::string(field.meaning), field.kind.shape, "",
                           field.unset.absence.starts_with(required)};
        const std::string line = field.kind.print(field, section, {config});
        const std::string begin = key.key + " = ";
        if (line.starts_with(begin)) {
            key.default_value = line.substr(begin.size(), line.size() - begin.size() - 1);
        }
        keys.push_back(std::move(key));
    }
    return keys;
}

// --- values as TOML: one overload a type ------------------------------------------------------------

std::string toml_value(const std::string& text);
std::string toml_value(const std::vector<std::string>& texts);
std::string toml_value(const std::map<std::string, std::string>& table);
std::string toml_value(Millis duration);
std::string toml_value(Port port);
std::string toml_value(const std::vector<Port>& ports);
std::string toml_value(Signal signal);
/// Not for what converts to bool, such as an int: a type without an overload must not compile.
template <std::same_as<bool> Flag>
std::string toml_value(Flag flag) {
    return flag ? "true" : "false";
}

template <typename Enum>
requires std::is_enum_v<Enum> std::string toml_value(Enum value) {
    return toml_string(choice_name(value));
}

struct AsToml {
    template <typename Value>
    std::string operator()(const Value& value) const {
        return toml_value(value);
    }
    template <typename Value>
    std::string operator()(const std::optional<Value>& value) const {
        return toml_value(*value);
    }
};

// --- kinds of keys: kind::port<&ServerConfig::port> --------------------------------------------------

namespace kind {

template <typename Section, typename Value>
Section section_of(Value Section::*);

template <typename Section, typename Value>
Value value_of(Value Section::*);

template <auto Member>
using SectionOf = decltype(section_of(Member));

/// Read takes (TableReader&, key) and returns the value of the member, or nullopt.
template <auto Member, auto Read>
void read_member(TableReader& table, std::string_view key, SectionOf<Member>& section) {
    if (auto value = std::invoke(Read, table, key)) {
        section.*Member = *std::move(value);
    }
}

/// Always has a value.
template <auto Member, auto Read, auto Print = AsToml{}>
inline constexpr Kind<SectionOf<Member>> value{
    read_member<Member, Read>,
    [](const auto& field, const SectionOf<Member>& section, const Printing&) {
        return set_line(field.key, Print(section.*Member));
    },
    shape_of<decltype(value_of(Member)), Read>()};

template <typename Value>
bool is_set(const std::optional<Value>& value) {
    return value.has_value();
}

template <typename Value>
bool is_set(const Value& value) {
    return !value.empty();
}

/// May have no value, which is printed as Field::unset.
template <auto Member, auto Read>
inline constexpr Kind<SectionOf<Member>> optional{
    read_member<Member, Read>,
    [](const auto& field, const SectionOf<Member>& section, const Printing&) {
        const auto& value = section.*Member;
        return is_set(value) ? set_line(field.key, AsToml{}(value)) : unset_line(field.key, field.unset);
    },
    shape_of<decltype(value_of(Member)), Read>()};

template <auto Member>
inline constexpr auto texts = value<Member, &TableReader::texts>;

template <auto Member>
inline constexpr auto flag = value<Member, &TableReader::flag>;

template <auto Member>
inline constexpr auto duration = value<Member, &TableReader::duration>;

template <auto Member>
inline constexpr auto positive_duration = value<Member, &TableReader::positive_duration>;

template <auto Member>
inline constexpr auto choice = value<Member, &TableReader::choice<decltype(value_of(Member))>>;

}  // namespace kind

}  // namespace vlmshim
