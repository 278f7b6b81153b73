// What a probe was told while it waited.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What a server's probe was answered, without the repetitions.
class AnswerHistory {
public:
    struct Entry {
        Millis at;  // of the first time
        std::string answer;
        std::size_t times = 1;
    };

    /// Beyond the first `most` different ones nothing is kept.
    static constexpr std::size_t most = 32;

    void add(Millis at, const std::string& answer);
    const std::vector<Entry>& entries() const { return entries_; }

private:
    std::vector<Entry> entries_;
};

}  // namespace vlmshim
