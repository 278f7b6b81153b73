#include "vlmshim/core/config/config_schema.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/key_shape.hpp"
#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/json_text.hpp"
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

class Schema {
public:
    std::string text() {
        out_.begin_object();
        out_.key("$schema").string("http://json-schema.org/draft-07/schema#");
        out_.key("title").string("vlmshim.toml");
        out_.key("description").string("Configuration of vlmshim(1), see vlmshim.toml(5)");
        const std::vector<KeyDescription> sections = describe_config();
        write_table(sections);
        out_.key("definitions").begin_object();
        for (const KeyDescription& section : sections) {
            if (section.shape.kind == ValueKind::Tables) {
                out_.key(section.key).begin_object();
                write_keys(section.shape.keys());
                out_.end_object();
            }
        }
        out_.key("signal").begin_object().key("anyOf").begin_array();
        out_.begin_object().key("enum").strings(signal_names()).end_object();
        out_.begin_object().key("type").string("string").key("pattern").string(signal_pattern()).end_object();
        out_.end_array().end_object();
        return out_.end_object().end_object().text() + "\n";
    }

private:
    // What stands between the braces of a schema.

    void write_key(const KeyDescription& key) {
        out_.key(key.key).begin_object();
        out_.key("description").string(key.meaning);
        if (!key.default_value.empty()) {
            out_.key("default").json(key.default_value);  // what has a default is spelled the same in both
        }
        if (key.shape.kind == ValueKind::Tables) {
            write_one_or_several("#/definitions/" + key.key);
        } else {
            write_shape(key.shape);
        }
        out_.end_object();
    }

    void write_table(const std::vector<KeyDescription>& keys) {
        write_type("object");
        write_keys(keys);
    }

    void write_keys(const std::vector<KeyDescription>& keys) {
        out_.key("additionalProperties").boolean(false);
        std::vector<std::string> required;
        out_.key("properties").begin_object();
        for (const KeyDescription& key : keys) {
            write_key(key);
            if (key.required) {
                required.push_back(key.key);
            }
        }
        out_.end_object();
        const bool may_be_external =
            std::any_of(keys.begin(), keys.end(), [](const KeyDescription& key) { return key.key == "external"; });
        if (!required.empty() && may_be_external) {
            out_.key("if").begin_object();
            out_.key("properties")
                .begin_object()
                .key("external")
                .begin_object()
                .key("const")
                .boolean(true)
                .end_object();
            out_.end_object().key("required").strings({"external"}).end_object();
            out_.key("else").begin_object().key("required").strings(required).end_object();
        } else if (!required.empty()) {
            out_.key("required").strings(required);
        }
    }

    void write_shape(const Shape& shape) {
        switch (shape.kind) {
            case ValueKind::Unknown:
                return;
            case ValueKind::Text:
                return write_type("string");
            case ValueKind::Name:
                return write_pattern(name_pattern);
            case ValueKind::GivenText:
                return write_pattern(".");
            case ValueKind::Texts:
                return write_array("type", "string");
            case ValueKind::VariableNames:
                return write_variable_names();
            case ValueKind::TextTable:
                write_type("object");
                return write_texts_behind();
            case ValueKind::Variables:
                write_type("object");
                out_.key("propertyNames").begin_object();
                write_not_a_pattern(no_variable_pattern);
                out_.end_object();
                return write_texts_behind();
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
                return write_table(shape.keys());
            case ValueKind::Ready:
                out_.key("type").strings({"object", "string"});
                out_.key("pattern").string("^(/|https?://|tcp://)");
                return write_keys(shape.keys());
            case ValueKind::Tables:
                return;  // write_key has done it
        }
    }

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

    void write_array(std::string_view key, std::string_view value) {
        write_type("array");
        out_.key("items").begin_object().key(key).string(value).end_object();
    }

    void write_texts_behind() {
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
        std::vector<std::string> words = output_words();
        words.pop_back();  // file:PATH
        out_.key("anyOf").begin_array().begin_object();
        out_.key("enum").strings(words);
        out_.end_object().begin_object();
        write_pattern("^file:.");
        out_.end_object().end_array();
    }

    /// Not "anyOf" both: validators would say only that it is neither. The definition says nothing of an array.
    void write_one_or_several(const std::string& definition) {
        const auto write_reference = [&] {
            out_.key("allOf").begin_array().begin_object().key("$ref").string(definition).end_object().end_array();
        };
        out_.key("type").strings({"object", "array"});
        write_reference();
        out_.key("items").begin_object();
        write_type("object");
        write_reference();
        out_.end_object();
    }

    JsonWriter out_{JsonWriter::Layout::Indented};
};

}  // namespace

std::string config_schema() {
    return Schema().text();
}

}  // namespace vlmshim
