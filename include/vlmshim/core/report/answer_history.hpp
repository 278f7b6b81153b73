// The answers to a server's probes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Each different answer once.
class AnswerHistory {
public:
    struct Entry {
        Millis at;  // for the first time
        std::string answer;
        std::size_t times = 1;
    };

    /// Different answers that are kept: the first ones.
    static constexpr std::size_t most = 32;

    void add(Millis at, const std::string& answer);
    const std::vector<Entry>& entries() const { return entries_; }

private:
    std::vector<Entry> entries_;
};

}  // namespace vlmshim
