#include "vlmshim/core/values/shell_words.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

bool is_name_char(char c) {
    return is_letter_or_digit(c) || c == '_';
}

struct Special {
    std::string_view characters;
    std::string_view meaning;
};

/// Unquoted characters that do not stand for themselves in a shell.
constexpr std::array<Special, 6> specials{{{"|", "a pipe"},
                                           {"&;", "a second command"},
                                           {"<>", "a redirection"},
                                           {"()", "a subshell"},
                                           {"*?[", "a pattern"},
                                           {"`", "a command substitution"}}};

/// Empty: no special one.
std::string_view meaning_of(char c) {
    for (const Special& special : specials) {
        if (special.characters.find(c) != std::string_view::npos) {
            return special.meaning;
        }
    }
    return {};
}

/// One pass over the text, by the rules of sh (POSIX 2.2 and 2.3).
class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    std::variant<std::vector<std::string>, ShellWordsError> split() {
        if (text_.find('\0') != std::string_view::npos) {
            return ShellWordsError{"holds a NUL byte"};
        }
        while (!error_ && skip_blanks()) {
            read_word();
        }
        if (!error_ && words_.empty()) {
            fail("is empty");
        }
        if (error_) {
            return *std::move(error_);
        }
        return std::move(words_);
    }

private:
    void fail(std::string message) { error_ = ShellWordsError{std::move(message)}; }

    void fail_for_shell(std::string_view meaning, char c) {
        fail("holds " + std::string(meaning) + " ('" + c + "'), which needs a shell: quote it, or run sh -c '...'");
    }

    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    /// False at the end of the text.
    bool skip_blanks() {
        while (at_ < text_.size()) {
            const bool joined_line = peek() == '\\' && peek(1) == '\n';
            if (!joined_line && !is_blank(peek())) {
                break;
            }
            new_line_ = new_line_ || (!joined_line && peek() == '\n');
            at_ += joined_line ? 2 : 1;
        }
        if (at_ == text_.size()) {
            return false;
        }
        if (new_line_ && !words_.empty()) {
            fail(
                "goes on after the end of a line, which a shell takes for a second command: "
                "end the line with a backslash, or write an array");
            return false;
        }
        new_line_ = false;
        return true;
    }

    void read_word() {
        word_.clear();
        const std::size_t begin = at_;
        while (!error_ && at_ < text_.size() && !is_blank(peek())) {
            const char c = text_[at_];
            if (c == '\'') {
                read_single_quoted();
            } else if (c == '"') {
                read_double_quoted();
            } else if (c == '\\') {
                read_backslash();
            } else {
                read_plain(c, begin);
            }
        }
        words_.push_back(word_);
    }

    void read_single_quoted() {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) {
            fail("has a ' that is not closed");
            return;
        }
        word_ += text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
    }

    void read_double_quoted() {
        for (++at_; !error_ && at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return;
            }
            if (c == '`' || starts_expansion(c)) {
                fail_for_shell(c == '$' ? "a variable" : "a command substitution", c);
            } else if (c == '\\' && peek(1) == '\n') {
                ++at_;
            } else if (c == '\\' && std::string_view("$`\"\\").find(peek(1)) != std::string_view::npos) {
                word_ += text_[++at_];
            } else {
                word_ += c;
            }
        }
        if (!error_) {
            fail("has a \" that is not closed");
        }
    }

    void read_backslash() {
        if (at_ + 1 == text_.size()) {
            fail("ends with a backslash");
            return;
        }
        if (text_[at_ + 1] != '\n') {
            word_ += text_[at_ + 1];
        }
        at_ += 2;
    }

    void read_plain(char c, std::size_t word_begin) {
        const bool lone_bracket = c == '[' && at_ == word_begin && (is_blank(peek(1)) || peek(1) == '\0');
        const std::string_view meaning = lone_bracket ? std::string_view{} : meaning_of(c);
        if (!meaning.empty()) {
            fail_for_shell(meaning, c);
        } else if (starts_expansion(c)) {
            fail_for_shell("a variable", c);
        } else if (c == '~' && at_ == word_begin) {
            fail_for_shell("a home directory", c);
        } else if (c == '#' && at_ == word_begin) {
            fail_for_shell("a comment", c);
        } else if (c == '=' && words_.empty() && is_variable_name(text_.substr(word_begin, at_ - word_begin))) {
            fail(
                "starts with a variable, NAME=value, which only a shell understands: "
                "use env, or run env NAME=value ...");
        } else {
            word_ += c;
            ++at_;
        }
    }

    /// In sh, too, '$' before a blank, a closing quote or the end is a plain character.
    bool starts_expansion(char c) const {
        const char next = peek(1);
        return c == '$' && (is_name_char(next) ||
                            (next != '\0' && std::string_view("{(@*#?-$!'").find(next) != std::string_view::npos));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool new_line_ = false;
    std::string word_;
    std::vector<std::string> words_;
    std::optional<ShellWordsError> error_;
};

}  // namespace

bool is_variable_name(std::string_view name) {
    return !name.empty() && !is_digit(name[0]) && std::all_of(name.begin(), name.end(), is_name_char);
}

std::variant<std::vector<std::string>, ShellWordsError> split_command(std::string_view text) {
    return Splitter(text).split();
}

}  // namespace vlmshim
