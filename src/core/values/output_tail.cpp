#include "vlmshim/core/values/output_tail.hpp"

#include <algorithm>

namespace vlmshim {

void OutputTail::append(std::string_view bytes) {
    if (bytes.size() >= capacity) {
        bytes_.assign(bytes.substr(bytes.size() - capacity));
        return;
    }
    // Twice the capacity, cut back to one: each byte is moved once at most, not at every append.
    if (bytes_.size() + bytes.size() > 2 * capacity) {
        bytes_.erase(0, bytes_.size() - capacity);
    }
    bytes_.append(bytes);
}

std::vector<std::string> OutputTail::last_lines(std::size_t count) const {
    std::vector<std::string> lines;
    std::size_t end = bytes_.size();
    if (end > 0 && bytes_[end - 1] == '\n') {
        --end;
    }
    while (lines.size() < count && (end > 0 || (lines.empty() && !bytes_.empty()))) {
        const std::size_t newline = end == 0 ? std::string::npos : bytes_.rfind('\n', end - 1);
        const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
        std::string line = bytes_.substr(begin, end - begin);
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        std::replace_if(
            line.begin(), line.end(),
            [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }, '?');
        lines.push_back(std::move(line));
        if (newline == std::string::npos) {
            break;
        }
        end = newline;
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace vlmshim
