// JSON as text, RFC 8259.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// The contents of a string, without the quotes. Whatever display_text() escapes becomes \uXXXX; a byte that is not
/// UTF-8 becomes U+FFFD.
std::string json_escape(std::string_view text);

/// Appends values in the order of the calls, with commas and line ends. The caller closes what it opened and writes a
/// key before each value of an object.
class JsonWriter {
public:
    enum class Layout { OneLine, Indented };

    explicit JsonWriter(Layout layout) : layout_(layout) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view value);
    JsonWriter& strings(const std::vector<std::string>& values);
    /// A value that is JSON already.
    JsonWriter& json(std::string_view value) { return raw(value); }
    JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
    JsonWriter& null() { return raw("null"); }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) JsonWriter& number(Number value) { return raw(std::to_string(value)); }

    const std::string& text() const { return text_; }

private:
    JsonWriter& raw(std::string_view text);
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void before_value();
    void new_line();

    Layout layout_;
    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;
    bool after_key_ = false;
};

/// An object a line for each element; `write` writes its members.
template <typename Element>
std::string json_lines(const std::vector<Element>& elements, void (*write)(JsonWriter&, const Element&)) {
    std::string lines;
    for (const Element& element : elements) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        write(json.begin_object(), element);
        lines += json.end_object().text() + "\n";
    }
    return lines;
}

}  // namespace vlmshim
