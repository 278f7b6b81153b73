#include "vlmshim/supervisor/shown_output.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

ShownOutput::ShownOutput(std::string server, Clock& clock, Log& log)
    : server_(std::move(server)), log_(log), open_line_alarm_(clock.make_alarm([this] { show_open(); })) {}

void ShownOutput::add(std::string_view bytes) {
    const bool waits_already = lines_.has_open();
    const auto complete = lines_.add(bytes);
    for (const std::string& line : complete) {
        log_.show_output(server_, line);
    }
    if (!lines_.has_open()) {
        open_line_alarm_->stop();
    } else if (!waits_already || !complete.empty()) {
        open_line_alarm_->start(open_line_limit);
    }
}

void ShownOutput::show_open() {
    open_line_alarm_->stop();
    if (const auto line = lines_.take_open()) {
        log_.show_output(server_, *line);
    }
}

}  // namespace vlmshim
