// A linear axis of time, and labels along it that do not overlap.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct TimeWindow {
    Millis from{0};
    Millis to{0};

    bool has(Millis at) const { return from <= at && at <= to; }
    Millis length() const { return to - from; }
};

/// From `left` to `right`, in pixels. What lies outside of the window is put at its edge.
class TimeAxis {
public:
    TimeAxis(TimeWindow window, int left, int right) : window_(window), left_(left), right_(right) {}

    int x(Millis at) const;
    int right() const { return right_; }
    const TimeWindow& window() const { return window_; }

private:
    TimeWindow window_;
    int left_;
    int right_;
};

/// Multiples of a round time in the window, at most `most` (2 or more).
std::vector<Millis> ticks(TimeWindow window, std::size_t most);

/// Of a text in a font of 12 pixels without serifs: not less than it needs.
int width_of_text(std::string_view text);

struct LabelPlace {
    std::size_t row = 0;
    bool before = false;  // it ends at its point instead of beginning there
};

struct Label {
    int at = 0;     // its point, in pixels
    int width = 0;  // of its text
};

/// Places for labels, given by their points from left to right, in `rows` rows below the points, so that neither two
/// labels overlap nor, but for labels at the right edge, a line from a point to its label crosses another label.
/// nullopt: there is no room.
std::vector<std::optional<LabelPlace>> place_labels(const std::vector<Label>& labels, int right, std::size_t rows);

}  // namespace vlmshim
