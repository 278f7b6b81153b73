#include "vlmshim/core/values/json_text.hpp"

#include <cstdint>

#include "vlmshim/core/values/utf8.hpp"

namespace vlmshim {

std::string json_escape(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::string escaped;
    escaped.reserve(text.size() + 8);
    while (!text.empty()) {
        const auto c = static_cast<std::uint8_t>(text[0]);
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            escaped += replacement;
        } else if (c == '"' || c == '\\') {
            escaped += '\\';
            escaped += text[0];
        } else if (c < 0x20 || c == 0x7f) {
            escaped += "\\u00";
            escaped += hex[c >> 4U];
            escaped += hex[c & 15U];
        } else {
            escaped += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return escaped;
}

void JsonWriter::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_) {
        text_ += layout_ == Layout::OneLine ? ", " : ",";
    }
    if (depth_ > 0) {
        new_line();
    }
    first_ = false;
}

void JsonWriter::new_line() {
    if (layout_ == Layout::Indented) {
        text_ += '\n';
        text_.append(depth_ * 2, ' ');
    }
}

JsonWriter& JsonWriter::raw(std::string_view text) {
    before_value();
    text_ += text;
    return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
    before_value();
    text_ += bracket;
    ++depth_;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    --depth_;
    if (!first_) {
        new_line();
    }
    text_ += bracket;
    first_ = false;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    raw('"' + json_escape(name) + "\": ");
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
    return raw('"' + json_escape(value) + '"');
}

JsonWriter& JsonWriter::strings(const std::vector<std::string>& values) {
    begin_array();
    for (const std::string& value : values) {
        string(value);
    }
    return end_array();
}

}  // namespace vlmshim
