// The beginning and the end of a server's output, in bounded memory.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// The first and the last lines, without line ends, as the server wrote them: to show them takes display_text(). Lines
/// were dropped after the first KeptOutput::most_first.
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

    /// Lines may come in pieces. One that differs from the line before only in digits is counted, not kept: otherwise a
    /// server that logs each of our probes would push out everything else.
    void append(std::string_view bytes);

    KeptLines kept() const;
    /// The same, with a line in place of the dropped ones that gives their number.
    std::vector<std::string> lines() const;

private:
    struct Line {
        std::string text;
        std::size_t alike = 0;  // lines that followed and differ in digits only
    };

    void end_line();
    static bool differ_in_digits_only(std::string_view one, std::string_view other);
    static std::string describe(const Line& line);

    std::vector<Line> first_;
    std::deque<Line> last_;
    std::size_t left_out_ = 0;  // lines between them
    std::string open_;          // the line that has not ended
    bool cut_ = false;          // open_ was longer
};

}  // namespace vlmshim
