// What is shown during a wait: on a terminal one line that is redrawn, elsewhere one line every ten seconds.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/waiting_text.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/job_control.hpp"

namespace vlmshim {

class WaitingLine {
public:
    /// All outlive it. `text`: what is waited for now.
    WaitingLine(const Config& config, const JobControl& job, Clock& clock, Log& log, std::function<WaitingText()> text);

    /// `hint`: after this time the text is logged once, on a terminal where no line can be redrawn because a server
    /// writes to it.
    void start(std::optional<Millis> hint = std::nullopt);
    void stop();
    void pause();
    /// Goes on if it ran before the pause.
    void resume();

private:
    void show();
    bool is_on_terminal() const { return log_.has_live_line() && job_.in_foreground(); }
    bool can_redraw() const;

    const Config& config_;
    const JobControl& job_;
    Clock& clock_;
    Log& log_;
    std::function<WaitingText()> text_;
    std::unique_ptr<Alarm> next_;
    std::optional<Millis> hint_;  // when it is due
    Millis last_plain_{0};
    bool running_ = false;
    bool paused_ = false;
};

}  // namespace vlmshim
