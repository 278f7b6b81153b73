// The picture of a part of a run: phases as bands, a lane for each server, the test and what had to be ended.
#pragma once

#include <cstddef>
#include <vector>

#include "vlmshim/core/report/timeline.hpp"
#include "vlmshim/core/values/html_text.hpp"

namespace vlmshim {

/// An <svg> element. `label_rows`: below each lane, at most.
void write_timeline_svg(HtmlWriter& html, const RunReport& report, const TimelineView& view,
                        const std::vector<const Lane*>& lanes, std::size_t label_rows);

}  // namespace vlmshim
