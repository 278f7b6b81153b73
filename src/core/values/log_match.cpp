#include "vlmshim/core/values/log_match.hpp"

#include <algorithm>
#include <array>

namespace vlmshim {

LinePattern::LinePattern(const std::string& text) {
    if (const int error = ::regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
        std::array<char, 200> words{};
        ::regerror(error, &compiled_, words.data(), words.size());
        problem_ = words.data();
    }
}

LinePattern::~LinePattern() {
    if (problem_.empty()) {
        ::regfree(&compiled_);
    }
}

bool LinePattern::matches(const std::string& line, Line which) const {
    return problem_.empty() &&
           ::regexec(&compiled_, line.c_str(), 0, nullptr, which == Line::Open ? REG_NOTEOL : 0) == 0;
}

void LogMatch::take_line(std::string_view part) {
    constexpr std::size_t longest = std::size_t{64} * 1024;
    const std::size_t before = open_.size();
    open_ += part.substr(0, longest - std::min(longest, before));
    // regexec(3) stops at a NUL byte.
    std::replace(open_.begin() + static_cast<std::ptrdiff_t>(before), open_.end(), '\0', ' ');
    open_is_new_ = open_is_new_ || open_.size() > before;
}

void LogMatch::take(std::string_view bytes) {
    while (!found_ && !bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        take_line(bytes.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        bytes.remove_prefix(end + 1);
        if (open_.ends_with('\r')) {
            open_.pop_back();
        }
        found_ = pattern_.matches(open_, LinePattern::Line::Whole);
        open_.clear();
    }
}

/// The unfinished line is matched here, and not for each byte by which it grows.
bool LogMatch::found() {
    if (!found_ && open_is_new_) {
        open_is_new_ = false;
        found_ = pattern_.matches(open_, LinePattern::Line::Open);
    }
    if (found_) {
        open_ = std::string();
    }
    return found_;
}

}  // namespace vlmshim
