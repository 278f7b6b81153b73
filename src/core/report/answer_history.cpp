#include "vlmshim/core/report/answer_history.hpp"

#include <algorithm>

namespace vlmshim {

void AnswerHistory::add(Millis at, const std::string& answer) {
    const auto known =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.answer == answer; });
    if (known != entries_.end()) {
        ++known->times;
    } else if (entries_.size() < most) {
        entries_.push_back({at, answer});
    }
}

}  // namespace vlmshim
