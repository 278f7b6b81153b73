#include "vlmshim/core/values/markdown_text.hpp"

#include <algorithm>

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

namespace {

std::size_t longest_run_of_backticks(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

}  // namespace

std::string markdown_code(std::string_view text) {
    const std::string shown = display_text(text);
    if (shown.empty()) {
        return shown;
    }
    const std::string fence(longest_run_of_backticks(shown) + 1, '`');
    const bool touches_fence = shown.front() == '`' || shown.back() == '`';
    const char* const blank = touches_fence ? " " : "";  // a reader removes one at both ends
    return fence + blank + shown + blank + fence;
}

std::string markdown_block(const std::vector<std::string>& lines) {
    std::string block;
    for (const std::string& line : lines) {
        block += "    " + display_text(line) + "\n";
    }
    return block;
}

}  // namespace vlmshim
