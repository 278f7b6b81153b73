// The last part of a server's output, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

class OutputTail {
public:
    static constexpr std::size_t capacity = 64 * 1024;

    void append(std::string_view bytes);

    /// The last lines, oldest first, at most `count`, without line ends; control characters other
    /// than tab are replaced, so that a server cannot drive the user's terminal through us.
    std::vector<std::string> last_lines(std::size_t count) const;

private:
    std::string bytes_;  // at most 2 * capacity; the newest `capacity` always whole
};

}  // namespace vlmshim
