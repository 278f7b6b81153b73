// "did you mean": the candidate with the smallest edit distance.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// nullopt when nothing is near: more than a third of the word would have to change.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `, did you mean "word"?` with the given kind of quotes; empty when nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, char quote);

}  // namespace vlmshim
