#include "vlmshim/core/values/nearest.hpp"

#include <algorithm>
#include <cstddef>

#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

namespace {

/// Levenshtein's distance, with swapped neighbours as one change; case does not matter.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> before(to.size() + 1);
    std::vector<std::size_t> previous(to.size() + 1);
    std::vector<std::size_t> current(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) {
        previous[j] = j;
    }
    for (std::size_t i = 1; i <= from.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const bool same = to_small(from[i - 1]) == to_small(to[j - 1]);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && to_small(from[i - 1]) == to_small(to[j - 2]) &&
                                 to_small(from[i - 2]) == to_small(to[j - 1]);
            if (swapped) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        before.swap(previous);
        previous.swap(current);
    }
    return previous[to.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest_word = 64;  // bounds the time; a longer word is no typing mistake
    std::optional<std::string> best;
    std::size_t best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::size_t length = std::max(word.size(), candidate.size());
        if (length > longest_word) {
            continue;
        }
        const std::size_t changes = distance(word, candidate);
        if (changes * 3 <= length && (!best || changes < best_distance)) {
            best = candidate;
            best_distance = changes;
        }
    }
    return best;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, char quote) {
    const std::optional<std::string> near = nearest(word, candidates);
    return near ? ", did you mean " + (quote + *near) + quote + "?" : std::string();
}

}  // namespace vlmshim
