#include "vlmshim/core/config/toml_depth.hpp"

#include <algorithm>
#include <vector>

namespace vlmshim {

namespace {

/// Skips strings and comments. Of the rest only dots, brackets and separators matter.
class DepthScan {
public:
    explicit DepthScan(std::string_view text) : text_(text) {}

    std::optional<TextPosition> run() {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        at_ = text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
        while (at_ < text_.size()) {
            step();
            if (depth() > deepest_toml) {
                return position();
            }
            ++at_;
        }
        return std::nullopt;
    }

private:
    std::size_t depth() const { return header_ + in_brackets_ + dots_; }

    void step() {
        switch (text_[at_]) {
            case '#':
                at_ = std::min(text_.find('\n', at_), text_.size());
                end_line();
                break;
            case '\n':
                end_line();
                break;
            case '"':
            case '\'':
                skip_string();
                line_is_blank_ = false;
                break;
            case '.':
                ++dots_;
                break;
            case '=':
                key_ = dots_ + 1;
                dots_ = 0;
                break;
            case '[':
            case '{':
                open();
                break;
            case ']':
            case '}':
                close();
                break;
            case ',':
                key_ = dots_ = 0;
                break;
            case ' ':
            case '\t':
                break;
            default:
                line_is_blank_ = false;
                break;
        }
    }

    void end_line() {
        key_ = dots_ = 0;
        line_is_blank_ = true;
    }

    /// "[a.b]" and "[[a.b]]" begin a line; a bracket elsewhere opens a value, which lies below the names of its key.
    void open() {
        if (line_is_blank_ && brackets_.empty()) {
            header_ = 0;
            in_header_ = true;
        }
        line_is_blank_ = false;
        brackets_.push_back(key_ == 0 ? 1 : key_);
        in_brackets_ += brackets_.back();
        key_ = dots_ = 0;
    }

    void close() {
        if (brackets_.empty()) {
            return;
        }
        if (in_header_) {
            header_ += dots_ + 1;
        }
        in_brackets_ -= brackets_.back();
        brackets_.pop_back();
        in_header_ = in_header_ && !brackets_.empty();
        key_ = dots_ = 0;
    }

    /// To its last quote. At a string without an end the parser stops, too.
    void skip_string() {
        const char quote = text_[at_];
        const std::size_t quotes = std::min(text_.find_first_not_of(quote, at_), text_.size()) - at_;
        if (quotes == 2 || quotes >= 6) {  // "", and """""" with up to two quotes more before its end
            at_ += quotes - 1;
            return;
        }
        const std::size_t width = quotes >= 3 ? 3 : 1;
        std::size_t end = at_ + width;
        for (std::size_t run = 0; end < text_.size(); ++end) {
            if (text_[end] == '\\' && quote == '"') {
                ++end;
                run = 0;
            } else {
                run = text_[end] == quote ? run + 1 : 0;
            }
            if (run == width) {
                break;
            }
        }
        while (width == 3 && end + 1 < text_.size() && text_[end + 1] == quote) {
            ++end;
        }
        at_ = end;
    }

    /// Counts characters of UTF-8.
    TextPosition position() const {
        TextPosition position;
        for (const char c : text_.substr(0, at_)) {
            if (c == '\n') {
                ++position.line;
                position.column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                ++position.column;
            }
        }
        return position;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool line_is_blank_ = true;
    bool in_header_ = false;
    std::size_t header_ = 0;             // levels of the last header
    std::vector<std::size_t> brackets_;  // the open ones, each with the levels of its key
    std::size_t in_brackets_ = 0;        // their sum
    std::size_t key_ = 0;                // levels of the key whose value comes next
    std::size_t dots_ = 0;               // in the key so far
};

}  // namespace

std::optional<TextPosition> where_too_deep(std::string_view text) {
    return DepthScan(text).run();
}

}  // namespace vlmshim
