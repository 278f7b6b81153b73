#include "vlmshim/core/config/config_schema.hpp"

#include <algorithm>

#include "vlmshim/core/config/key_shape.hpp"
#include "vlmshim/core/config/schema_values.hpp"
#include "vlmshim/core/values/json_text.hpp"

namespace vlmshim {

namespace {

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
        out_.key("signal");
        write_signal_definition(out_);
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
        const Shape& shape = key.shape;
        if (shape.kind == ValueKind::Tables) {
            write_one_or_several("#/definitions/" + key.key);
        } else if (shape.kind == ValueKind::Ready) {
            out_.key("type").strings({"object", "string"});
            out_.key("pattern").string("^(/|https?://|tcp://)");
            write_keys(shape.keys());
        } else if (shape.kind == ValueKind::Table) {
            write_table(shape.keys());
        } else {
            write_value_schema(out_, shape);
        }
        out_.end_object();
    }

    void write_table(const std::vector<KeyDescription>& keys) {
        out_.key("type").string("object");
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
            out_.key("properties").begin_object().key("external").begin_object().key("const").boolean(true);
            out_.end_object().end_object().key("required").strings({"external"}).end_object();
            out_.key("else").begin_object().key("required").strings(required).end_object();
        } else if (!required.empty()) {
            out_.key("required").strings(required);
        }
    }

    /// Not "anyOf" of both: validators would report only that it is neither. The definition does not constrain arrays.
    void write_one_or_several(const std::string& definition) {
        const auto write_reference = [&] {
            out_.key("allOf").begin_array().begin_object().key("$ref").string(definition).end_object().end_array();
        };
        out_.key("type").strings({"object", "array"});
        write_reference();
        out_.key("items").begin_object();
        out_.key("type").string("object");
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
