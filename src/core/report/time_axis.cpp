#include "vlmshim/core/report/time_axis.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vlmshim {

namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

constexpr std::array<std::int64_t, 29> steps{1,           2,           5,           10,         20,         50,
                                             100,         200,         500,         second,     2 * second, 5 * second,
                                             10 * second, 15 * second, 30 * second, minute,     2 * minute, 5 * minute,
                                             10 * minute, 15 * minute, 30 * minute, hour,       2 * hour,   6 * hour,
                                             12 * hour,   24 * hour,   48 * hour,   120 * hour, 240 * hour};

constexpr int gap = 6;  // between two labels, and between a point and its label

/// Rows that are filled from any side.
class LabelRows {
public:
    explicit LabelRows(std::size_t rows) : rows_(rows) {}

    std::optional<std::size_t> place(int from, int to) {
        for (std::size_t row = 0; row < rows_; ++row) {
            if (std::none_of(taken_.begin(), taken_.end(), [&](const Taken& other) {
                    return row == other.row && from < other.to + gap && other.from < to + gap;
                })) {
                taken_.push_back({row, from, to});
                return row;
            }
        }
        return std::nullopt;
    }

private:
    struct Taken {
        std::size_t row;
        int from;
        int to;
    };

    std::size_t rows_;
    std::vector<Taken> taken_;
};

/// In pixels; that of a character beyond ASCII counts for its first byte. As in DejaVu Sans, which is a wide font.
int width_of(char c) {
    constexpr std::string_view narrow = "fijlrtIJ.,:;'`-/\\|!()[] ";
    constexpr std::string_view wide = "mwMW@%=+<>~#^";
    if (c < 0) {
        return (static_cast<unsigned char>(c) & 0xc0U) == 0xc0U ? 13 : 0;
    }
    if (narrow.find(c) != std::string_view::npos) {
        return 5;
    }
    return wide.find(c) != std::string_view::npos ? 12 : c >= 'A' && c <= 'Z' ? 10 : 8;
}

bool is_at_edge(const Label& label, int right) {
    return label.at + gap + label.width > right;
}

}  // namespace

int TimeAxis::x(Millis at) const {
    if (window_.length() <= Millis{0}) {
        return left_;
    }
    const Millis within = std::clamp(at, window_.from, window_.to) - window_.from;
    return left_ + static_cast<int>(within.count() * (right_ - left_) / window_.length().count());
}

std::vector<Millis> ticks(TimeWindow window, std::size_t most) {
    const std::int64_t length = window.length().count();
    if (length < 0) {
        return {};
    }
    const auto parts = static_cast<std::int64_t>(most) - 1;  // as many steps have one tick more
    const auto* const fitting =
        std::find_if(steps.begin(), steps.end(), [&](std::int64_t step) { return length / step < parts; });
    const std::int64_t step = fitting != steps.end() ? *fitting : (length / parts / hour + 1) * hour;
    std::int64_t tick = window.from.count() / step * step;
    tick += tick < window.from.count() ? step : 0;
    std::vector<Millis> found;
    for (; tick <= window.to.count(); tick += step) {
        found.emplace_back(tick);
    }
    return found;
}

int width_of_text(std::string_view text) {
    int width = 0;
    for (const char c : text) {
        width += width_of(c);
    }
    return width;
}

std::vector<std::optional<LabelPlace>> place_labels(const std::vector<Label>& labels, int right, std::size_t rows) {
    std::vector<std::optional<LabelPlace>> places(labels.size());
    LabelRows taken(rows);
    // Labels that end at their points from left to right, the others from right to left: a line to a lower row then
    // passes beside the labels of the upper rows.
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (is_at_edge(labels[i], right)) {
            const auto row = taken.place(labels[i].at - gap - labels[i].width, labels[i].at - gap);
            places[i] = row ? std::optional(LabelPlace{*row, true}) : std::nullopt;
        }
    }
    for (std::size_t i = labels.size(); i-- > 0;) {
        if (!is_at_edge(labels[i], right)) {
            const auto row = taken.place(labels[i].at + gap, labels[i].at + gap + labels[i].width);
            places[i] = row ? std::optional(LabelPlace{*row, false}) : std::nullopt;
        }
    }
    return places;
}

}  // namespace vlmshim
