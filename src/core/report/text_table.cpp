#include "vlmshim/core/report/text_table.hpp"

#include <algorithm>
#include <cstddef>

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

namespace {

std::string shown(const std::string& cell) {
    constexpr std::size_t longest = 200;  // bytes: every row has the width of the widest cell
    std::string text = display_text(cell);
    if (text.size() > longest) {
        text = std::string(whole_characters(text, longest)) + "...";
    }
    return text;
}

}  // namespace

std::string text_table(std::vector<std::vector<std::string>> rows) {
    std::vector<std::size_t> widths;
    for (std::vector<std::string>& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i] = shown(row[i]);
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const std::vector<std::string>& row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            text += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        }
        text += row.back() + "\n";
    }
    return text;
}

}  // namespace vlmshim
