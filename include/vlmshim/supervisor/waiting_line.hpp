// What is seen while servers are waited for. Nothing of it runs once the test does.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/job_control.hpp"
#include "vlmshim/supervisor/narrator.hpp"

namespace vlmshim {

class WaitingLine {
public:
    /// All outlive it. `servers` tells how they are now.
    WaitingLine(const Config& config, const JobControl& job, Clock& clock, Log& log,
                std::function<std::vector<ServerView>()> servers);

    void start();
    void stop();
    void pause();
    /// Goes on if it ran before the pause.
    void resume();

private:
    void show();
    bool is_seen() const;

    const Config& config_;
    const JobControl& job_;
    Clock& clock_;
    Log& log_;
    std::function<std::vector<ServerView>()> servers_;
    std::unique_ptr<Alarm> next_;
    Millis told_{0};
    bool running_ = false;
    bool paused_ = false;
};

}  // namespace vlmshim
