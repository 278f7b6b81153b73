#include "vlmshim/supervisor/waiting_line.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

WaitingLine::WaitingLine(const Config& config, const JobControl& job, Clock& clock, Log& log,
                         std::function<WaitingText()> text)
    : config_(config), job_(job), clock_(clock), log_(log), text_(std::move(text)), next_(clock.make_alarm([this] {
          show();
      })) {}

void WaitingLine::start(std::optional<Millis> hint) {
    if (!running_) {
        running_ = true;
        last_plain_ = clock_.now();
        hint_ = hint ? std::optional(last_plain_ + *hint) : std::nullopt;
        next_->start(log_.has_live_line() ? live_line_every : plain_line_every);
    }
}

void WaitingLine::stop() {
    if (running_) {
        running_ = false;
        next_->stop();
        log_.erase_live_line();
    }
    paused_ = false;
}

void WaitingLine::pause() {
    const bool was_running = running_;
    stop();
    paused_ = was_running;
}

void WaitingLine::resume() {
    if (paused_) {
        paused_ = false;
        const auto hint = hint_;
        start();
        hint_ = hint;
    }
}

/// Not where a server writes to the terminal itself: it would write into the line.
bool WaitingLine::can_redraw() const {
    return std::none_of(config_.servers.begin(), config_.servers.end(), [this](const ServerConfig& server) {
        return output_way_of(server, config_) == OutputWay::PassedThrough;
    });
}

void WaitingLine::show() {
    const Millis now = clock_.now();
    const bool on_terminal = is_on_terminal();
    const bool live = on_terminal && can_redraw();
    const bool hint = on_terminal && !live && hint_ && now >= *hint_;
    const bool plain = !live && now - last_plain_ >= plain_line_every;
    const WaitingText text = live || hint || plain ? text_() : WaitingText{};
    if (live && !text.live.empty()) {
        log_.show_live_line(text.live, text.shorter);
    } else {
        log_.erase_live_line();
    }
    if (hint && !text.live.empty()) {
        hint_.reset();
        log_.info(text.live);
    }
    if (plain) {
        last_plain_ = now;
        for (const std::string& line : text.plain) {
            log_.info(line);
        }
    }
    // On a terminal the job may come back to the foreground.
    next_->start(log_.has_live_line() ? live_line_every : plain_line_every);
}

}  // namespace vlmshim
