#include "vlmshim/core/values/toml_text.hpp"

#include <algorithm>

namespace vlmshim {

namespace {

std::string escape(char c) {
    switch (c) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\n':
            return "\\n";
        case '\t':
            return "\\t";
        case '\r':
            return "\\r";
        default:
            break;
    }
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        return {c};
    }
    return std::string("\\u00") + hex[byte >> 4U] + hex[byte & 15U];
}

bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += escape(c);
    }
    return quoted + "\"";
}

std::string toml_array(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) {
        list += (list.empty() ? "" : ", ") + toml_string(text);
    }
    return "[" + list + "]";
}

std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
    return bare ? std::string(key) : toml_string(key);
}

std::string quote_found(std::string_view text) {
    constexpr std::size_t longest = 60;
    if (text.size() <= longest) {
        return toml_string(text);
    }
    std::size_t end = longest - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
        --end;  // not within a character of UTF-8
    }
    return toml_string(text.substr(0, end)) + "...";
}

}  // namespace vlmshim
