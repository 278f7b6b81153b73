// What is kept of a server's output, in bounded memory: how it began, and how it ended.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// The first and the last lines, without line ends, as the server wrote them: display_text() is for who shows them.
/// What was dropped lay behind the first KeptOutput::most_first.
struct KeptLines {
    std::vector<std::string> lines;
    std::size_t dropped = 0;

    friend bool operator==(const KeptLines&, const KeptLines&) = default;
};

class KeptOutput {
public:
    static constexpr std::size_t most_first = 10;
    static constexpr std::size_t most_last = 40;
    static constexpr std::size_t longest_line = 2'048;  // bytes; the rest of a line is cut

    /// Lines may come in pieces. One that differs from the line before it only in digits is counted, not kept: a server
    /// that logs each of our probes would push out its own words.
    void append(std::string_view bytes);

    KeptLines kept() const;
    /// The same with a line that says how many were dropped, in their place.
    std::vector<std::string> lines() const;

private:
    struct Line {
        std::string text;
        std::size_t alike = 0;  // that followed it
    };

    void end_line();
    static bool differ_in_digits_only(std::string_view one, std::string_view other);
    static std::string describe(const Line& line);

    std::vector<Line> first_;
    std::deque<Line> last_;
    std::size_t left_out_ = 0;  // between them
    std::string open_;          // has no end yet
    bool cut_ = false;          // it was longer
};

}  // namespace vlmshim
