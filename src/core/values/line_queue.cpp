#include "vlmshim/core/values/line_queue.hpp"

#include <utility>

namespace vlmshim {

void LineQueue::push(std::string text, std::size_t lines) {
    if (text.empty()) {
        return;
    }
    bytes_ += text.size();
    entries_.push_back({std::move(text), lines, false});
    while (bytes_ > most_bytes_ && entries_.size() > oldest() + 1) {
        lost_in_all_ += lose_oldest();
    }
}

/// Returns the number of lines that were not lost before.
std::size_t LineQueue::lose_oldest() {
    const auto entry = entries_.begin() + static_cast<std::ptrdiff_t>(oldest());
    bytes_ -= entry->text.size();
    lost_ += entry->lines;
    const std::size_t newly = entry->tells_lost_ones ? 0 : entry->lines;
    entries_.erase(entry);
    return newly;
}

/// The line about the lost ones takes their place.
std::string_view LineQueue::front() {
    if (!is_begun() && lost_ > 0) {
        entries_.push_front(
            {describe_lost_(lost_), std::exchange(lost_, 0), true});  // if it is lost, too, it counts for all of them
        bytes_ += entries_.front().text.size();
    }
    return entries_.empty() ? std::string_view() : std::string_view(entries_.front().text).substr(written_);
}

void LineQueue::wrote(std::size_t bytes) {
    written_ += bytes;
    if (!entries_.empty() && written_ >= entries_.front().text.size()) {
        bytes_ -= entries_.front().text.size();
        entries_.pop_front();
        written_ = 0;
    }
}

void LineQueue::give_up() {
    while (entries_.size() > oldest()) {
        lose_oldest();
    }
    lost_ = 0;
}

void LineQueue::clear() {
    written_ = 0;
    give_up();
}

}  // namespace vlmshim
