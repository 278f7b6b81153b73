#include "vlmshim/core/values/kept_output.hpp"

#include <algorithm>

#include "vlmshim/core/values/shown_text.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

void KeptOutput::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::size_t room = longest_line + 1 - open_.size();  // one more shows that there was more
        open_ += bytes.substr(0, std::min(end, room));
        if (end == bytes.size()) {
            return;
        }
        end_line();
        bytes.remove_prefix(end + 1);
    }
}

std::string KeptOutput::open_line() const {
    return open_.ends_with('\r') ? open_.substr(0, open_.size() - 1) : open_;
}

void KeptOutput::end_line() {
    Line line{open_line(), 0};
    open_.clear();
    Line* const before = !last_.empty() ? &last_.back() : (first_.empty() ? nullptr : &first_.back());
    if (before != nullptr && differ_in_digits_only(before->text, line.text)) {
        ++before->alike;
    } else if (first_.size() < most_first) {
        first_.push_back(std::move(line));
    } else {
        last_.push_back(std::move(line));
    }
    if (last_.size() > most_last) {
        left_out_ += 1 + last_.front().alike;
        last_.pop_front();
    }
}

/// Numbers of any length are alike: "done in 9 ms" and "done in 10 ms".
bool KeptOutput::differ_in_digits_only(std::string_view one, std::string_view other) {
    const auto skip_digits = [](std::string_view text, std::size_t at) {
        while (at < text.size() && is_digit(text[at])) {
            ++at;
        }
        return at;
    };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < one.size() && j < other.size()) {
        if (is_digit(one[i]) && is_digit(other[j])) {
            i = skip_digits(one, i);
            j = skip_digits(other, j);
        } else if (one[i++] != other[j++]) {
            return false;
        }
    }
    return i == one.size() && j == other.size();
}

std::string KeptOutput::describe(const Line& line) {
    const std::string text = shown_text(line.text, longest_line);
    return line.alike == 0 ? text : text + "  (" + count_of(line.alike, "line") + " like it followed)";
}

KeptLines KeptOutput::kept() const {
    KeptLines kept{.lines = {}, .dropped = left_out_};
    for (const Line& line : first_) {
        kept.lines.push_back(describe(line));
    }
    for (const Line& line : last_) {
        kept.lines.push_back(describe(line));
    }
    if (!open_.empty()) {
        kept.lines.push_back(describe({open_line(), 0}));
    }
    return kept;
}

std::vector<std::string> KeptOutput::lines() const {
    KeptLines kept = this->kept();
    if (kept.dropped > 0) {
        kept.lines.insert(kept.lines.begin() + most_first, "(" + count_of(kept.dropped, "line") + " left out)");
    }
    return kept.lines;
}

}  // namespace vlmshim
