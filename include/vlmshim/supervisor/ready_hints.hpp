// Looks now and then why a server may not become ready, and tells it once.
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
        std::function<void(const std::string& hint)> tell;
    };
    ReadyHints(Clock& clock, Hooks hooks);

    void start();
    void stop();
    /// What was found last; it is what the failure may be due to.
    const std::string& last() const { return last_; }

private:
    void look();

    Hooks hooks_;
    std::string last_;
    bool was_told_ = false;
    Millis pause_{0};
    std::unique_ptr<Alarm> again_;
};

}  // namespace vlmshim
