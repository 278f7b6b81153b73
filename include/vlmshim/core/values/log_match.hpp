// Looks for a line in a server's output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <regex.h>

namespace vlmshim {

/// A POSIX extended regular expression, regex(7).
class LinePattern {
public:
    /// An empty text matches every line.
    explicit LinePattern(const std::string& text);
    ~LinePattern();
    LinePattern(const LinePattern&) = delete;
    LinePattern& operator=(const LinePattern&) = delete;

    /// The error of regcomp(3); empty: none. With an error nothing matches.
    const std::string& problem() const { return problem_; }
    /// Open: the line has no end yet, so "$" does not match.
    enum class Line { Whole, Open };
    bool matches(const std::string& line, Line which) const;

private:
    regex_t compiled_{};
    std::string problem_;
};

/// Takes the output in pieces of any size. Keeps only the line that has not ended, and of that the first 64 KiB.
class LogMatch {
public:
    explicit LogMatch(const std::string& pattern) : pattern_(pattern) {}

    void take(std::string_view bytes);
    /// Whether a line, ended or not, has matched.
    bool found();

private:
    void take_line(std::string_view part);

    LinePattern pattern_;
    std::string open_;
    bool open_is_new_ = false;  // it has grown since it was last matched
    bool found_ = false;
};

}  // namespace vlmshim
