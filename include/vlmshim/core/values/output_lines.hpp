// A server's output, cut into lines that can be shown one by one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

class OutputLines {
public:
    static constexpr std::size_t longest = 8'192;  // bytes; a longer line is shown in pieces

    /// The lines that are complete now, escaped by display_text().
    std::vector<std::string> add(std::string_view bytes);

    /// Whether there is a line without an end.
    bool has_open() const { return !open_.empty(); }
    /// That line, as it is now. The rest of it becomes a line of its own.
    std::optional<std::string> take_open();

private:
    std::string open_;
    bool goes_on_ = false;  // a piece of this line was returned
};

}  // namespace vlmshim
