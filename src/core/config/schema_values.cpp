#include "vlmshim/core/config/schema_values.hpp"

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

namespace {

/// As parse_duration reads it: the units from the longest on, each at most once.
constexpr std::string_view duration_pattern =
    "^(?=.)([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$";
constexpr std::string_view positive_duration_pattern =
    "^(?=.*[1-9])([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$";
constexpr std::string_view name_pattern = "^[A-Za-z0-9_-]+$";
/// What vlmshim sets itself, and what is no name.
constexpr std::string_view no_variable_pattern = "^$|=|^VLMSHIM_RUN$|^VLMSHIM_SERVER$|^VLMSHIM_PORT";

/// "SIGINT", "INT" and "int" are one signal, and so is its number; a real-time one may be counted from either end.
std::string signal_pattern() {
    std::string names;
    for (const std::string& name : signal_names()) {
        names += "|";
        for (const char letter : name.substr(3)) {
            names += is_capital(letter) ? std::string{'[', letter, to_small(letter), ']'} : std::string(1, letter);
        }
    }
    return "^(([Ss][Ii][Gg])?([Rr][Tt][Mm][Ii][Nn](\\+[0-9]+)?|[Rr][Tt][Mm][Aa][Xx](-[0-9]+)?" + names + ")|[0-9]+)$";
}

class ValueWriter {
public:
    explicit ValueWriter(JsonWriter& out) : out_(out) {}

    void write(const Shape& shape) {
        switch (shape.kind) {
            case ValueKind::Unknown:
                return;
            case ValueKind::Text:
                return write_type("string");
            case ValueKind::Name:
                return write_pattern(name_pattern);
            case ValueKind::NonEmptyText:
                return write_pattern(".");
            case ValueKind::Paths:
                return write_paths();
            case ValueKind::Texts:
                return write_texts();
            case ValueKind::VariableNames:
                return write_variable_names();
            case ValueKind::TextTable:
                write_type("object");
                return write_texts_as_values();
            case ValueKind::Variables:
                write_type("object");
                out_.key("propertyNames").begin_object();
                write_not_a_pattern(no_variable_pattern);
                out_.end_object();
                return write_texts_as_values();
            case ValueKind::Command:
                return write_command();
            case ValueKind::Port:
                return write_port({"auto"});
            case ValueKind::ServerPort:
                return write_port({"auto", "none"});
            case ValueKind::Ports:
                write_type("array");
                out_.key("minItems").number(1);
                out_.key("items").begin_object();
                write_port({"auto"});
                out_.end_object();
                return;
            case ValueKind::Duration:
                return write_pattern(duration_pattern);
            case ValueKind::PositiveDuration:
                return write_pattern(positive_duration_pattern);
            case ValueKind::Signal:
                return write_signal();
            case ValueKind::SignalTable:
                write_type("object");
                out_.key("propertyNames").begin_object();
                write_signal();
                out_.end_object();
                out_.key("additionalProperties").begin_object();
                write_signal();
                out_.end_object();
                return;
            case ValueKind::Flag:
                return write_type("boolean");
            case ValueKind::Word:
                out_.key("enum").strings(shape.words());
                return;
            case ValueKind::Statuses:
                return write_statuses();
            case ValueKind::Output:
                return write_output();
            case ValueKind::Table:
            case ValueKind::Ready:
            case ValueKind::Tables:
                return;  // made of keys
        }
    }

private:
    void write_type(std::string_view type) { out_.key("type").string(type); }

    void write_pattern(std::string_view pattern) {
        write_type("string");
        out_.key("pattern").string(pattern);
    }

    void write_not_a_pattern(std::string_view pattern) {
        out_.key("not").begin_object();
        write_pattern(pattern);
        out_.end_object();
    }

    void write_texts() {
        write_type("array");
        out_.key("items").begin_object().key("type").string("string").end_object();
    }

    void write_paths() {
        out_.key("anyOf").begin_array().begin_object();
        write_pattern(".");
        out_.end_object().begin_object();
        write_type("array");
        out_.key("minItems").number(1).key("uniqueItems").boolean(true).key("items").begin_object();
        write_pattern(".");
        out_.end_object().end_object().end_array();
    }

    void write_texts_as_values() {
        out_.key("additionalProperties").begin_object().key("type").string("string").end_object();
    }

    void write_variable_names() {
        write_type("array");
        out_.key("items").begin_object();
        write_type("string");
        write_not_a_pattern(no_variable_pattern);
        out_.end_object();
    }

    /// An array of which the first word is not empty, or one string.
    void write_command() {
        out_.key("anyOf").begin_array().begin_object();
        write_type("array");
        out_.key("minItems").number(1);
        out_.key("items").begin_array().begin_object();
        write_pattern("^(.|\\n)");
        out_.end_object().end_array();
        out_.key("additionalItems").begin_object().key("type").string("string").end_object();
        out_.end_object().begin_object();
        write_pattern("\\S");
        out_.end_object().end_array();
    }

    void write_port(const std::vector<std::string>& words) {
        out_.key("anyOf").begin_array().begin_object();
        write_type("integer");
        out_.key("minimum").number(1).key("maximum").number(65535);
        out_.end_object().begin_object().key("enum").strings(words).end_object().end_array();
    }

    /// Beside "$ref" draft-07 ignores everything, a description and a default too.
    void write_signal() {
        out_.key("allOf")
            .begin_array()
            .begin_object()
            .key("$ref")
            .string("#/definitions/signal")
            .end_object()
            .end_array();
    }

    void write_statuses() {
        write_type("array");
        out_.key("minItems").number(1);
        out_.key("items").begin_object().key("anyOf").begin_array().begin_object();
        write_type("integer");
        out_.key("minimum").number(200).key("maximum").number(599);
        out_.end_object().begin_object();
        write_pattern("^([2-5]xx|[2-5][0-9][0-9])$");
        out_.end_object().end_array().end_object();
    }

    void write_output() {
        out_.key("anyOf").begin_array().begin_object();
        out_.key("enum").strings(choice_names<OutputMode>());
        out_.end_object().begin_object();
        write_pattern("^file:.");
        out_.end_object().end_array();
    }

    JsonWriter& out_;
};

}  // namespace

void write_value_schema(JsonWriter& out, const Shape& shape) {
    ValueWriter(out).write(shape);
}

void write_signal_definition(JsonWriter& out) {
    out.begin_object().key("anyOf").begin_array();
    out.begin_object().key("enum").strings(signal_names()).end_object();
    out.begin_object().key("type").string("string").key("pattern").string(signal_pattern()).end_object();
    out.end_array().end_object();
}

}  // namespace vlmshim
