// What was said and could not be written yet, in bounded memory.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace vlmshim {

class LineQueue {
public:
    /// At most so many bytes, but always the last line. `describe_lost` makes the line that tells how many are missing.
    LineQueue(std::size_t most_bytes, std::function<std::string(std::size_t lines)> describe_lost)
        : most_bytes_(most_bytes), describe_lost_(std::move(describe_lost)) {}

    /// A whole line with its end; what does not fit pushes out the oldest. One that was begun stays: the next would be
    /// written into it.
    void push(std::string line) { push(std::move(line), 1); }
    /// What is no line, such as what erases one: nobody misses it.
    void push_unmissed(std::string text) { push(std::move(text), 0); }

    bool empty() const { return entries_.empty() && lost_ == 0; }
    /// What is to be written next; empty when there is nothing.
    std::string_view front();
    /// So much of front() was.
    void wrote(std::size_t bytes);
    /// Nobody will read it. The rest of a line that was begun stays.
    void give_up();
    void clear();

private:
    struct Entry {
        std::string text;
        std::size_t lines;
    };

    void push(std::string text, std::size_t lines);
    bool is_begun() const { return written_ > 0; }
    std::size_t oldest() const { return is_begun() ? 1 : 0; }
    void lose_oldest();

    std::size_t most_bytes_;
    std::function<std::string(std::size_t)> describe_lost_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;    // of all entries
    std::size_t written_ = 0;  // of the first one
    std::size_t lost_ = 0;     // lines, that were behind the one that is begun, or else in front of all
};

}  // namespace vlmshim
