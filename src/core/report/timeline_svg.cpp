// The colours are attributes, so that the picture needs no style sheet, and can be told from a white and from a black
// page.
#include "core/report/timeline_svg.hpp"

#include <algorithm>

#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

constexpr int width = 900;
constexpr int left = 12;
constexpr int right = width - 12;
constexpr int line = 15;  // of text
constexpr int bar_height = 10;

constexpr std::string_view blue = "#3b78c4";
constexpr std::string_view green = "#2f8a4c";
constexpr std::string_view amber = "#a8741a";
constexpr std::string_view red = "#d0453f";
constexpr std::string_view grey = "#7d8288";

/// As much of it as there is room for, made safe to show.
std::string fitting(std::string_view text, int room) {
    std::string shown = display_text(text);
    if (width_of_text(shown) <= room) {
        return shown;
    }
    constexpr int dots = 16;
    std::size_t size = std::min(shown.size(), static_cast<std::size_t>(room) / 4);
    while (size > 0 && width_of_text(whole_characters(shown, size)) > room - dots) {
        --size;
    }
    return std::string(whole_characters(shown, size)) + "\xe2\x80\xa6";
}

std::string_view colour_of(Phase phase) {
    switch (phase) {
        case Phase::Starting:
            return blue;
        case Phase::Testing:
        case Phase::Serving:
            return green;
        case Phase::Stopping:
        case Phase::Draining:
            return amber;
        case Phase::Killing:
            return red;
        case Phase::Claiming:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
    return grey;
}

std::string_view colour_of(Lane::Kind lane) {
    switch (lane) {
        case Lane::Kind::Server:
            return blue;
        case Lane::Kind::Test:
            return green;
        case Lane::Kind::Process:
            return amber;
        case Lane::Kind::Signals:
            break;
    }
    return grey;
}

/// A path from the point of a mark on.
struct Shape {
    std::string_view path;
    std::string_view colour;
};

/// Told apart by their paths; the colours only repeat that.
Shape shape_of(TimelineMark::Kind kind) {
    switch (kind) {
        case TimelineMark::Kind::Start:
            return {"m-1-8v16", "none"};
        case TimelineMark::Kind::Answer:
            return {"m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", grey};
        case TimelineMark::Kind::Ready:
            return {"m0-6l5 10h-10z", green};
        case TimelineMark::Kind::Stop:
        case TimelineMark::Kind::Signal:
            return {"m0 6l5-10h-10z", amber};
        case TimelineMark::Kind::Kill:
            return {"m-5-3l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z", red};
        case TimelineMark::Kind::End:
            return {"m-4-4h8v8h-8z", grey};
        case TimelineMark::Kind::BadEnd:
            return {"m-4-4h8v8h-8z", red};
    }
    return {};
}

/// A point, and the text that is put beside it.
struct Point {
    int x = 0;
    std::string text;
};

class Drawing {
public:
    /// `label_rows`: below each lane, at most.
    Drawing(HtmlWriter& html, const RunReport& report, const TimelineView& view, const std::vector<const Lane*>& lanes,
            std::size_t label_rows)
        : html_(html), report_(report), view_(view), lanes_(lanes), axis_(view.window, left, right) {
        place_phases();
        for (const Lane* const lane : lanes) {
            labels_.push_back(labels_of(*lane, label_rows));
        }
    }

    void write() {
        const int head = line * (static_cast<int>(phase_labels_.rows) + 1);
        int height = head + 8;
        for (const Labels& labels : labels_) {
            height += height_of(labels);
        }
        html_.put(
            "<svg role=\"img\" aria-label=\"Timeline. {}\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" "
            "font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\">"
            "<desc>The same as text: the table All events.</desc>\n",
            {view_.title, width, height, width, height});
        draw_phases(head, height);
        draw_ticks(head, height);
        int y = head + 8;
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            draw_lane(*lanes_[i], labels_[i], y);
            y += height_of(labels_[i]);
        }
        html_.put("</svg>");
    }

private:
    struct Labels {
        std::vector<Point> points{};
        std::vector<std::optional<LabelPlace>> places{};
        std::size_t rows = 0;
    };

    static Labels labels_for(std::vector<Point> points, std::size_t most_rows) {
        std::vector<Label> labels;
        for (const Point& point : points) {
            labels.push_back({point.x, width_of_text(point.text)});
        }
        Labels made{std::move(points), place_labels(labels, right, most_rows)};
        for (const auto& place : made.places) {
            made.rows = std::max(made.rows, place ? place->row + 1 : 0);
        }
        return made;
    }

    static int height_of(const Labels& labels) { return line + bar_height + static_cast<int>(labels.rows) * line + 12; }

    bool shows(const TimelineMark& mark) const { return view_.window.has(mark.at); }

    Labels labels_of(const Lane& lane, std::size_t rows) const {
        constexpr int longest = 400;
        std::vector<Point> points;
        for (const TimelineMark& mark : lane.marks) {
            if (shows(mark)) {
                points.push_back({axis_.x(mark.at), fitting(mark.text, longest)});
            }
        }
        return labels_for(std::move(points), rows);
    }

    TimeWindow window_of_phase(std::size_t index) const {
        const auto& phases = report_.phases;
        return {phases[index].at, index + 1 < phases.size() ? phases[index + 1].at : report_.duration};
    }

    bool shows_phase(std::size_t index) const {
        const TimeWindow phase = window_of_phase(index);
        return phase.from < view_.window.to && phase.to > view_.window.from;
    }

    void place_phases() {
        std::vector<Point> points;
        for (std::size_t i = 0; i < report_.phases.size(); ++i) {
            if (shows_phase(i)) {
                points.push_back({axis_.x(report_.phases[i].at), std::string(phase_name(report_.phases[i].phase))});
            }
        }
        phase_labels_ = labels_for(std::move(points), 4);
    }

    void draw_phases(int head, int height) {
        std::size_t shown = 0;
        for (std::size_t i = 0; i < report_.phases.size(); ++i) {
            if (!shows_phase(i)) {
                continue;
            }
            const TimeWindow phase = window_of_phase(i);
            const int from = axis_.x(phase.from);
            html_.put(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\".13\"/>\n",
                {from, head, std::max(axis_.x(phase.to) - from, 1), height - head, colour_of(report_.phases[i].phase)});
            const auto& place = phase_labels_.places[shown];
            if (place) {
                const int y = line * static_cast<int>(phase_labels_.rows - place->row);
                draw_upright(from, y - line + 4, height, colour_of(report_.phases[i].phase), ".6");
                draw_label(from, y - 3, place->before, phase_labels_.points[shown].text);
            }
            ++shown;
        }
    }

    void draw_ticks(int head, int height) {
        constexpr std::size_t most = 9;
        const Millis zero = view_.zero;
        for (const Millis tick : ticks({view_.window.from - zero, view_.window.to - zero}, most)) {
            const int x = axis_.x(tick + zero);
            draw_upright(x, head, height, grey, ".35");
            const bool is_before = tick < Millis{0};
            const std::string text = joined({is_before          ? "-"
                                             : zero > Millis{0} ? "+"
                                                                : "",
                                             describe_duration(is_before ? -tick : tick)});
            const int half = width_of_text(text) / 2;
            html_.put("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                      {std::clamp(x, half, width - half), head - 3, text});
        }
    }

    void draw_lane(const Lane& lane, const Labels& labels, int top) {
        const std::string name = fitting(lane.name, (right - left) / 2);
        const int bold = width_of_text(name) * 9 / 8;
        const int base = top + line - 4;
        html_.put("<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text><text x=\"{}\" y=\"{}\">{}</text>\n",
                  {left, base, name, left + bold + 8, base, fitting(lane.detail, right - left - bold - 8)});
        const int middle = top + line + bar_height / 2;
        for (const TimelineBar& bar : lane.bars) {
            if (bar.window.from <= view_.window.to && bar.window.to >= view_.window.from) {
                draw_bar(lane, bar, top + line);
            }
        }
        std::size_t shown = 0;
        for (const TimelineMark& mark : lane.marks) {
            if (!shows(mark)) {
                continue;
            }
            const int x = labels.points[shown].x;
            if (const auto& place = labels.places[shown]) {
                const int y = top + line + bar_height + line * (static_cast<int>(place->row) + 1);
                draw_upright(x, middle, y, grey, "1");
                draw_label(x, y, place->before, labels.points[shown].text);
            }
            draw_mark(mark.kind, x, middle);
            ++shown;
        }
    }

    void draw_bar(const Lane& lane, const TimelineBar& bar, int top) {
        const int from = axis_.x(bar.window.from);
        const bool is_full = bar.kind == TimelineBar::Kind::Running;
        html_.put("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>\n",
                  {from, top, std::max(axis_.x(bar.window.to) - from, 2), bar_height,
                   bar.kind == TimelineBar::Kind::Ending ? amber : colour_of(lane.kind), is_full ? "1" : ".35"});
    }

    void draw_mark(TimelineMark::Kind kind, int x, int y) {
        const Shape shape = shape_of(kind);
        html_.put("<path d=\"M{} {}{}\" fill=\"{}\" stroke=\"currentColor\"/>\n", {x, y, shape.path, shape.colour});
    }

    void draw_upright(int x, int from, int to, std::string_view colour, std::string_view opacity) {
        html_.put("<path d=\"M{}.5 {}V{}\" stroke=\"{}\" stroke-opacity=\"{}\"/>", {x, from, to, colour, opacity});
    }

    void draw_label(int x, int y, bool before, std::string_view text) {
        constexpr int gap = 4;
        html_.put("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n",
                  {before ? x - gap : x + gap, y, before ? "end" : "start", text});
    }

    HtmlWriter& html_;
    const RunReport& report_;
    const TimelineView& view_;
    const std::vector<const Lane*>& lanes_;
    TimeAxis axis_;
    Labels phase_labels_;
    std::vector<Labels> labels_;  // of each lane
};

}  // namespace

void write_timeline_svg(HtmlWriter& html, const RunReport& report, const TimelineView& view,
                        const std::vector<const Lane*>& lanes, std::size_t label_rows) {
    Drawing(html, report, view, lanes, label_rows).write();
}

}  // namespace vlmshim
