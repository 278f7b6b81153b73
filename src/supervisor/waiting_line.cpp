#include "vlmshim/supervisor/waiting_line.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/duration.hpp"

namespace vlmshim {

namespace {

Millis whole_seconds(Millis time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

/// Tenths for a clock that runs: "3.2 s", from a minute on "1 min 4 s".
std::string running_time(Millis time) {
    constexpr Millis minute{60'000};
    if (time >= minute) {
        return describe_duration(whole_seconds(time));
    }
    const auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

WaitingLine::WaitingLine(const Config& config, const JobControl& job, Clock& clock, Log& log,
                         std::function<std::vector<ServerView>()> servers)
    : config_(config),
      job_(job),
      clock_(clock),
      log_(log),
      servers_(std::move(servers)),
      next_(clock.make_alarm([this] { show(); })) {}

void WaitingLine::start() {
    if (!running_) {
        running_ = true;
        told_ = clock_.now();
        next_->start(is_seen() ? live_line_every : plain_line_every);
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
        start();
    }
}

/// A server that writes to the terminal itself would write into it.
bool WaitingLine::is_seen() const {
    const auto writes = [this](const ServerConfig& server) {
        return output_way_of(server, config_) == OutputWay::PassedThrough;
    };
    return std::none_of(config_.servers.begin(), config_.servers.end(), writes) && log_.has_live_line() &&
           job_.in_foreground();
}

void WaitingLine::show() {
    const bool live = is_seen();
    const bool plain = !live && clock_.now() - told_ >= plain_line_every;
    std::string line;
    std::string shorter;  // for a narrow terminal, or many servers
    for (const ServerView& server : servers_()) {
        if (!server.probe || !server.probe->running) {
            continue;
        }
        const ProbeView& probe = *server.probe;
        if (plain) {
            log_.info(server.config.name, ": not ready after ", describe_duration(whole_seconds(probe.waited)), " (",
                      probe.target, "), last answer: ", probe.last_answer);
        }
        const std::string state = (line.empty() ? "" : " | ") + server.config.name + " " + running_time(probe.waited) +
                                  ": " + probe.last_answer;
        line += state + " (" + probe.target + ")";
        shorter += state;
    }
    if (live && !line.empty()) {
        log_.show_live_line(line, shorter);
    } else if (!live) {
        log_.erase_live_line();
    }
    if (plain) {
        told_ = clock_.now();
    }
    // On a terminal the job may come back to the foreground.
    next_->start(log_.has_live_line() ? live_line_every : plain_line_every);
}

}  // namespace vlmshim
