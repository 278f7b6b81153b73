#include "vlmshim/core/values/json_text.hpp"

#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/hex_digits.hpp"

namespace vlmshim {

namespace {

/// RFC 8259 section 7: a surrogate pair above U+FFFF.
std::string utf16_escape(char32_t code) {
    if (code <= 0xffff) {
        return "\\u" + hex_digits(code, 4);
    }
    const char32_t above = code - 0x10000;
    return "\\u" + hex_digits(0xd800 + (above >> 10U), 4) + "\\u" + hex_digits(0xdc00 + (above & 0x3ffU), 4);
}

}  // namespace

std::string json_escape(std::string_view text) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::string escaped;
    escaped.reserve(text.size() + 8);
    TextPieces pieces(text);
    while (const auto piece = pieces.next()) {
        switch (piece->kind) {
            case TextPiece::Kind::Harmless:
                escaped += piece->code == U'"' || piece->code == U'\\' ? "\\" : "";
                escaped += piece->bytes;
                break;
            case TextPiece::Kind::Byte:
                escaped += replacement;
                break;
            case TextPiece::Kind::Control:
            case TextPiece::Kind::Bracket:
                escaped += utf16_escape(piece->code);
                break;
        }
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
