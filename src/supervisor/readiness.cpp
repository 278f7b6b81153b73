#include "vlmshim/supervisor/readiness.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

Readiness::Readiness(Clock& clock, const Ready& ready, std::optional<Port> port, Whose whose, Hooks hooks)
    : clock_(clock),
      hooks_(std::move(hooks)),
      checks_(clock, ready, port, whose, hooks_.checks,
              [this](const ReadyCheck& of, const ReadyAnswer& answer) { answered(of, answer); }),
      again_(clock.make_alarm([this] { ask_from(0); })) {}

void Readiness::start() {
    running_ = true;
    started_ = clock_.now();
    ask_from(0);
}

void Readiness::stop() {
    running_ = false;
    paused_.reset();
    for (ReadyCheck* const check : checks_.in_order()) {
        check->stop();
    }
    again_->stop();
}

void Readiness::pause() {
    if (running_) {
        stop();
        paused_ = clock_.now();
    }
}

void Readiness::resume() {
    if (paused_) {
        started_ += clock_.now() - *paused_;
        paused_.reset();
        running_ = true;
        again_->start(Millis{0});
    }
}

Millis Readiness::waited() const {
    return clock_.now() - started_;
}

void Readiness::ask_from(std::size_t place) {
    is_waiting_ = false;
    asked_ = place;
    checks_.in_order()[place]->ask();
}

void Readiness::command_ended(ExitStatus status, const std::string& output) {
    for (ReadyCheck* const check : checks_.in_order()) {
        check->command_ended(status, output);
    }
}

/// An answer may be late, to a question of an earlier round: it counts when that check is asked now, or when none is.
void Readiness::answered(const ReadyCheck& of, const ReadyAnswer& answer) {
    const auto& order = checks_.in_order();
    history_.add(waited(), answer.detail);
    note_status(answer);
    if (!is_waiting_ && order[asked_] != &of) {
        return;
    }
    if (order[asked_] != &of) {
        asked_ = static_cast<std::size_t>(std::find(order.begin(), order.end(), &of) - order.begin());
    }
    if (answer.result == ProbeResult::NotReady) {
        failed(answer);
        return;
    }
    if (asked_ >= last_place_) {  // a check before it has held already: no news
        last_place_ = asked_;
        last_answer_ = answer.detail;
    }
    again_->stop();
    if (asked_ + 1 < order.size()) {
        ask_from(asked_ + 1);
        return;
    }
    stop();
    hooks_.ready();
}

void Readiness::failed(const ReadyAnswer& answer) {
    last_place_ = asked_;
    last_answer_ = answer.detail;
    is_waiting_ = true;
    if (answer.stranger) {
        impostor_ = answer.stranger->description;
        is_beside_ours_ = answer.stranger->is_beside_ours;
        if (++foreign_answers_ >= convincing_foreign_answers) {
            hooks_.impersonated();
        }
    }
    if (running_) {
        again_->start(next_probe_delay(waited(), logs_));
    }
}

void Readiness::note_status(const ReadyAnswer& answer) {
    if (answer.status == 0) {
        return;
    }
    logs_ = Logs::Yes;
    const int unwanted = answer.result == ProbeResult::Ready ? 0 : answer.status;
    if (unwanted != unwanted_status_) {
        unwanted_status_ = unwanted;
        unwanted_since_ = waited();
    }
}

}  // namespace vlmshim
