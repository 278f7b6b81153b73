#include "vlmshim/core/values/output_lines.hpp"

#include <algorithm>

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

namespace {

/// Without carriage returns at either end: a line end may have one, and progress bars write them.
std::string_view without_returns(std::string_view line) {
    const std::size_t begin = std::min(line.find_first_not_of('\r'), line.size());
    return line.substr(begin, line.find_last_not_of('\r') + 1 - begin);
}

}  // namespace

std::vector<std::string> OutputLines::add(std::string_view bytes) {
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        const std::size_t end = std::min({bytes.find('\n'), bytes.size(), longest + 1 - open_.size()});
        open_ += bytes.substr(0, end);
        bytes.remove_prefix(end);
        if (open_.size() > longest) {
            const std::string_view piece = whole_characters(open_, longest);
            lines.push_back(display_text(piece, Tab::Kept));
            open_.erase(0, piece.size());
            goes_on_ = true;
        } else if (!bytes.empty()) {
            bytes.remove_prefix(1);
            if (!goes_on_ || !open_.empty()) {  // else only the line end remained
                lines.push_back(display_text(without_returns(open_), Tab::Kept));
            }
            open_.clear();
            goes_on_ = false;
        }
    }
    return lines;
}

std::optional<std::string> OutputLines::take_open() {
    std::string line = display_text(without_returns(open_), Tab::Kept);
    open_.clear();
    if (line.empty()) {
        return std::nullopt;
    }
    goes_on_ = true;
    return line;
}

}  // namespace vlmshim
