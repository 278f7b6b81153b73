#include "vlmshim/core/values/json_text.hpp"

#include <cstdint>

namespace vlmshim {

namespace {

/// Length of the valid UTF-8 sequence at the front (RFC 3629); 0 when there is none.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    std::size_t length = 0;
    std::uint8_t lowest = 0x80;
    std::uint8_t highest = 0xbf;
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        lowest = lead == 0xe0 ? 0xa0 : lowest;    // overlong
        highest = lead == 0xed ? 0x9f : highest;  // surrogates
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        lowest = lead == 0xf0 ? 0x90 : lowest;    // overlong
        highest = lead == 0xf4 ? 0x8f : highest;  // above U+10FFFF
    }
    if (length == 0 || text.size() < length || byte(1) < lowest || byte(1) > highest) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xbf) {
            return 0;
        }
    }
    return length;
}

}  // namespace

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
