// What is seen while servers are waited for. Nothing of it runs once the test does.
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace vlmshim {

namespace {

constexpr Millis live_line_every{100};
constexpr Millis plain_line_every{10'000};

/// Tenths for a clock that runs: "3.2 s", from a minute on "1 min 4 s".
std::string running_time(Millis time) {
    constexpr Millis minute{60'000};
    if (time >= minute) {
        return describe_duration(std::chrono::duration_cast<std::chrono::seconds>(time));
    }
    const auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void Supervisor::wait_visibly() {
    if (!waiting_) {
        waiting_ = std::make_unique<loop::Timer>(loop_, [this] { tell_still_waiting(); });
        waiting_told_ = loop_.now();
        waiting_->start(live_line_is_seen() ? live_line_every : plain_line_every);
    }
}

void Supervisor::stop_waiting() {
    waiting_.reset();
    log::erase_live_line(log_);
}

/// A server that writes to the terminal itself would write into it.
bool Supervisor::live_line_is_seen() const {
    for (const Server& server : servers_) {
        if (server.config.output.mode == OutputMode::Inherit) {
            return false;
        }
    }
    return log::has_live_line(log_) && job_.in_foreground();
}

void Supervisor::tell_still_waiting() {
    const bool live = live_line_is_seen();
    const bool plain = !live && loop_.now() - waiting_told_ >= plain_line_every;
    std::string line;
    std::string shorter;  // for a narrow terminal, or many servers
    for (const Server& server : servers_) {
        if (!server.readiness || !server.readiness->running()) {
            continue;
        }
        const Readiness& probe = *server.readiness;
        if (plain) {
            log_.info("{}: not ready after {} ({}), last answer: {}", server.config.name,
                      describe_duration(std::chrono::duration_cast<std::chrono::seconds>(probe.waited())),
                      probe.target(), probe.last_answer());
        }
        const std::string state = (line.empty() ? "" : " | ") + server.config.name + " " +
                                  running_time(probe.waited()) + ": " + probe.last_answer();
        line += state + " (" + probe.target() + ")";
        shorter += state;
    }
    if (live && !line.empty()) {
        log::show_live_line(log_, line, shorter);
    } else if (!live) {
        log::erase_live_line(log_);
    }
    if (plain) {
        waiting_told_ = loop_.now();
    }
    // On a terminal the job may come back to the foreground.
    waiting_->start(log::has_live_line(log_) ? live_line_every : plain_line_every);
}

}  // namespace vlmshim
