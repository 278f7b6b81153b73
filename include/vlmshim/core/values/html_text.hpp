// HTML and SVG as text, https://html.spec.whatwg.org/multipage/syntax.html
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace vlmshim {

/// A constant of this program's text. Only that is written as it is: what comes from outside cannot become one.
struct Markup {
    consteval Markup(const char* constant) : text(constant) {}

    std::string_view text;
};

/// Made safe by display_text() with tabs kept, and for the text and the quoted attributes of HTML.
std::string html_escape(std::string_view text);

class HtmlWriter {
public:
    /// What stands for a "{}". A text has to live as long as the call.
    class Value {
    public:
        template <std::convertible_to<std::string_view> Text>
        Value(const Text& text) : text_(text) {}
        template <std::integral Number>
        Value(Number number) : number_(static_cast<long long>(number)), is_number_(true) {}

        std::string html() const { return is_number_ ? std::to_string(number_) : html_escape(text_); }

    private:
        std::string_view text_{};
        long long number_ = 0;
        bool is_number_ = false;
    };

    /// Appends the markup with a value, escaped, in place of each "{}". A "{}" without a value stays.
    HtmlWriter& put(Markup markup, std::initializer_list<Value> values = {});

    const std::string& html() const { return html_; }

private:
    std::string html_;
};

}  // namespace vlmshim
