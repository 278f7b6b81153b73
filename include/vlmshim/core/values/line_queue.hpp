// Lines that could not be written yet, in bounded memory.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace vlmshim {

class LineQueue {
public:
    /// Holds at most `most_bytes`, and always the last line. `describe_lost` makes the line that gives the number of
    /// lost ones.
    LineQueue(std::size_t most_bytes, std::function<std::string(std::size_t lines)> describe_lost)
        : most_bytes_(most_bytes), describe_lost_(std::move(describe_lost)) {}

    /// A whole line with its end. Where there is no room the oldest go, except a line that is partly written: the next
    /// one would be written into it.
    void push(std::string line) { push(std::move(line), 1); }
    /// So many whole lines that are lost together.
    void push(std::string text, std::size_t lines);
    /// Text that is not counted when it is lost, such as the escape sequence that erases a line.
    void push_unmissed(std::string text) { push(std::move(text), 0); }

    bool empty() const { return entries_.empty() && lost_ == 0; }
    /// To be written next; empty when there is nothing.
    std::string_view front();
    /// This much of front() was written.
    void wrote(std::size_t bytes);
    /// Lines for which there was no room.
    std::size_t lost_in_all() const { return lost_in_all_; }
    /// There is no reader any more. The rest of a partly written line stays.
    void give_up();
    void clear();

private:
    struct Entry {
        std::string text;
        std::size_t lines;
        bool tells_lost_ones;
    };

    bool is_begun() const { return written_ > 0; }
    std::size_t oldest() const { return is_begun() ? 1 : 0; }
    std::size_t lose_oldest();

    std::size_t most_bytes_;
    std::function<std::string(std::size_t)> describe_lost_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;    // in all entries
    std::size_t written_ = 0;  // bytes of the first entry
    std::size_t lost_ = 0;     // lines, after the one that is partly written, else before all
    std::size_t lost_in_all_ = 0;
};

}  // namespace vlmshim
