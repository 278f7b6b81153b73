#include "vlmshim/core/values/kept_output.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

void KeptOutput::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::size_t room = cut_ ? 0 : longest_line - open_.size();
        open_ += whole_characters(bytes.substr(0, end), room);
        cut_ = cut_ || end > room;
        if (end == bytes.size()) {
            return;
        }
        end_line();
        bytes.remove_prefix(end + 1);
    }
}

void KeptOutput::end_line() {
    if (!open_.empty() && open_.back() == '\r') {
        open_.pop_back();
    }
    Line line{std::move(open_) + (cut_ ? "..." : ""), 0};
    open_.clear();
    cut_ = false;
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

/// Numbers may differ in length: "done in 9 ms" and "done in 10 ms".
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
    return line.alike == 0 ? line.text : line.text + "  (" + count_of(line.alike, "line") + " like it followed)";
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
        const bool ends_with_return = open_.back() == '\r';
        kept.lines.push_back(open_.substr(0, open_.size() - (ends_with_return ? 1 : 0)) + (cut_ ? "..." : ""));
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
