// The process of the test command.
#pragma once

#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"
#include "vlmshim/supervisor/run_timers.hpp"

namespace vlmshim {

class TestProcess {
public:
    /// All outlive it.
    TestProcess(const TestConfig& config, Launcher& launcher, Narrator& narrator, RunRecorder& recorder,
                PushEvent report)
        : config_(config), launcher_(launcher), narrator_(narrator), recorder_(recorder), report_(std::move(report)) {}

    void start();
    /// While it lives; 0: it does not.
    Pid pid() const { return pid_; }
    bool lives() const { return pid_.value != 0; }
    /// It was reaped.
    void ended(ExitStatus status);

private:
    const TestConfig& config_;
    Launcher& launcher_;
    Narrator& narrator_;
    RunRecorder& recorder_;
    PushEvent report_;
    Pid pid_;
};

}  // namespace vlmshim
