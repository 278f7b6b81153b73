#include <algorithm>

#include "core/report/page_parts.hpp"
#include "core/report/timeline_svg.hpp"
#include "vlmshim/core/report/report_words.hpp"
#include "vlmshim/core/report/timeline.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t most_lanes = 24;
constexpr std::size_t most_events = 500;

/// So many bytes of it at most, made safe to show.
std::string shortened(std::string_view text, std::size_t longest) {
    std::string shown = display_text(text);
    return shown.size() <= longest ? shown : std::string(whole_characters(shown, longest - 3)) + "\xe2\x80\xa6";
}

bool is_in(const Lane& lane, const TimeWindow& window) {
    return std::any_of(lane.marks.begin(), lane.marks.end(),
                       [&](const TimelineMark& mark) { return window.has(mark.at); }) ||
           std::any_of(lane.bars.begin(), lane.bars.end(), [&](const TimelineBar& bar) {
               return bar.window.from <= window.to && bar.window.to >= window.from;
           });
}

void write_view(HtmlWriter& html, const RunReport& report, const TimelineView& view, const std::vector<Lane>& lanes,
                std::size_t label_rows) {
    std::vector<const Lane*> shown;
    std::size_t left_out = 0;
    for (const Lane& lane : lanes) {
        if (is_in(lane, view.window)) {
            shown.size() < most_lanes ? shown.push_back(&lane) : void(++left_out);
        }
    }
    html.put("<h3>{}</h3>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">",
             {view.title, view.title});
    write_timeline_svg(html, report, view, shown, label_rows);
    html.put("</div>");
    if (left_out > 0) {
        html.put("<p>{}: see All events.</p>", {count_of(left_out, "more row")});
    }
}

void write_events(HtmlWriter& html, const RunReport& report, const std::vector<Lane>& lanes) {
    const std::vector<TimelineEvent> events = events_of(report, lanes);
    html.put(
        "<details><summary>All events ({})</summary><table><thead><tr><th scope=\"col\">Time</th>"
        "<th scope=\"col\">Event</th></tr></thead><tbody>\n",
        {events.size()});
    for (std::size_t i = 0; i < std::min(events.size(), most_events); ++i) {
        html.put("<tr><td>{}</td><td><strong>{}</strong> {}</td></tr>\n",
                 {exact_time(events[i].at), shortened(events[i].subject, 100), shortened(events[i].text, 300)});
    }
    html.put("</tbody></table>");
    if (events.size() > most_events) {
        html.put("<p>{} left out.</p>", {count_of(events.size() - most_events, "more event")});
    }
    html.put("</details>");
}

}  // namespace

void write_timeline(HtmlWriter& html, const RunReport& report) {
    const std::vector<Lane> lanes = lanes_of(report);
    const std::vector<TimelineView> views = views_of(report, lanes);
    if (views.empty()) {
        return;
    }
    html.put("<section><h2>Timeline</h2>");
    for (const TimelineView& view : views) {
        const bool is_magnified_below = &view == &views.front() && views.size() > 1;
        write_view(html, report, view, lanes, is_magnified_below ? 2 : 4);
    }
    html.put(
        "<details><summary>How to read it</summary><p class=\"note\">Pale bar: not ready yet, or stopping. Circle: the "
        "answer to a probe. Triangle: ready (up), stop signal or signal (down). Cross: SIGKILL. Square: the end, red "
        "if it was not with 0. A label that has no room is left out. Bands: the phases. In claiming the ports are "
        "checked; in starting the servers become ready; in stopping the test has got its signal; in draining servers "
        "and leftovers have got theirs; killing is SIGKILL; in verifying the ports are checked again.</p></details>");
    write_events(html, report, lanes);
    html.put("</section>\n");
}

}  // namespace vlmshim
