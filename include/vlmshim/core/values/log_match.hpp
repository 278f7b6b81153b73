// Looks for a line in what a server writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <regex.h>

namespace vlmshim {

/// A POSIX extended regular expression, regex(7).
class LinePattern {
public:
    /// Empty text matches nothing that is asked for: do not ask.
    explicit LinePattern(const std::string& text);
    ~LinePattern();
    LinePattern(const LinePattern&) = delete;
    LinePattern& operator=(const LinePattern&) = delete;

    /// What regcomp(3) says against it; empty: nothing.
    const std::string& problem() const { return problem_; }
    /// Open: the line has no end yet, so "$" does not match.
    enum class Line { Whole, Open };
    bool matches(const std::string& line, Line which) const;

private:
    regex_t compiled_{};
    std::string problem_;
};

/// Takes the output in pieces of any size and keeps no more than the line that has not ended, and of that the first
/// 64 KiB.
class LogMatch {
public:
    explicit LogMatch(const std::string& pattern) : pattern_(pattern) {}

    void take(std::string_view bytes);
    /// Whether a line, or the beginning of one that has no end yet, has matched since the last forget().
    bool found();
    /// It is started anew: what it has said before counts no more.
    void forget();

private:
    void take_line(std::string_view part);

    LinePattern pattern_;
    std::string open_;
    bool open_is_new_ = false;  // something of it has not been looked at
    bool found_ = false;
};

}  // namespace vlmshim
