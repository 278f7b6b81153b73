// The queue of what has happened and was not handled yet.
#pragma once

#include <deque>
#include <functional>

#include "vlmshim/core/lifecycle/lifecycle_events.hpp"

namespace vlmshim {

/// How a part tells the run what happened.
using PushEvent = std::function<void(const Event&)>;

/// Handles one after the other: an event that an action causes waits until the actions before it are done.
class Events {
public:
    explicit Events(std::function<void(const Event&)> handle) : handle_(std::move(handle)) {}

    void push(const Event& event) {
        waiting_.push_back(event);
        handle_all();
    }

    /// Runs `notice`, and handles what it has pushed only then: no action is for a process whose end is among the
    /// events of the same look.
    template <typename Notice>
    void push_together(const Notice& notice) {
        const bool outermost = !busy_;
        busy_ = true;
        notice();
        busy_ = !outermost;
        handle_all();
    }

private:
    void handle_all() {
        if (busy_) {
            return;
        }
        busy_ = true;
        while (!waiting_.empty()) {
            const Event next = waiting_.front();
            waiting_.pop_front();
            handle_(next);
        }
        busy_ = false;
    }

    std::function<void(const Event&)> handle_;
    std::deque<Event> waiting_;
    bool busy_ = false;
};

}  // namespace vlmshim
