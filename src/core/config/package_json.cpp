#include "vlmshim/core/config/package_json.hpp"

#include <algorithm>
#include <optional>

namespace vlmshim {

namespace {

/// Enough of JSON to distinguish keys from values, and to know their depth.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::map<std::string, std::string> scripts() {
        std::map<std::string, std::string> scripts;
        bool in_scripts = false;
        for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
            const char c = text_[at_];
            if (c != '"') {
                ++at_;
                depth_ += c == '{' || c == '[' ? 1 : 0;
                depth_ -= c == '}' || c == ']' ? 1 : 0;
                in_scripts = in_scripts && depth_ >= 2;
                continue;
            }
            const std::string word = take_string();
            if (!take(':')) {
                continue;
            }
            if (depth_ == 1) {
                in_scripts = word == "scripts" && next_is('{');
            } else if (depth_ == 2 && in_scripts && next_is('"')) {
                scripts[word] = take_string();
            }
        }
        return scripts;
    }

private:
    void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    bool next_is(char c) {
        skip_blanks();
        return at_ < text_.size() && text_[at_] == c;
    }

    bool take(char c) {
        const bool is_it = next_is(c);
        at_ += is_it ? 1 : 0;
        return is_it;
    }

    /// Starts at the quote. Only the escapes that occur in commands are decoded, not \uXXXX.
    std::string take_string() {
        std::string value;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != 'u') {
                ++at_;
                value += text_[at_] == 'n' || text_[at_] == 't' ? ' ' : text_[at_];
            } else {
                value += text_[at_];
            }
        }
        ++at_;
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

std::map<std::string, std::string> package_scripts(std::string_view package_json) {
    return Scanner(package_json).scripts();
}

}  // namespace vlmshim
