// Looks at intervals why a server may not become ready, and reports it once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vlmshim/loop/clock.hpp"

namespace vlmshim {

class ReadyHints {
public:
    struct Hooks {
        /// ready_hint() of what is known now; empty: nothing.
        std::function<std::string()> look;
        std::function<void(const std::string& hint)> found;
    };
    ReadyHints(Clock& clock, Hooks hooks);

    void start();
    void stop();
    /// Of the last look: what a failure may be due to. Empty: nothing was found.
    const std::string& last() const { return last_; }

private:
    void look();

    Hooks hooks_;
    std::string last_;
    bool was_reported_ = false;
    Millis pause_{0};  // between two looks
    std::unique_ptr<Alarm> again_;
};

}  // namespace vlmshim
