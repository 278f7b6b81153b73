#include "vlmshim/core/values/html_text.hpp"

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

std::string html_escape(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + 8);
    for (const char c : display_text(text, Tab::Kept)) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

HtmlWriter& HtmlWriter::put(Markup markup, std::initializer_list<Value> values) {
    std::string_view rest = markup.text;
    for (const Value& value : values) {
        const std::size_t place = rest.find("{}");
        html_ += rest.substr(0, place);
        if (place == std::string_view::npos) {
            return *this;
        }
        html_ += value.html();
        rest.remove_prefix(place + 2);
    }
    html_ += rest;
    return *this;
}

}  // namespace vlmshim
