// Job control: ^Z, fg and bg, and what must not run on meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/cleanup/stopping.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/os/link.hpp"
#include "vlmshim/supervisor/job_control.hpp"

namespace vlmshim {

class Pausing {
public:
    enum class Told { Yes, No };
    struct Hooks {
        /// Of the test while it lives; 0: none.
        std::function<Pid()> test;
        /// The main processes of the servers that live.
        std::function<std::vector<Pid>()> servers;
        /// No: there is no keeper, and so no job of a shell's.
        std::function<Told(const os::ToKeeper&)> tell_keeper;
        std::function<bool()> is_pid_one;
        /// The clocks of the run, its probes, what is shown while they are waited for.
        std::function<void()> pause;
        std::function<void()> resume;
    };

    /// All outlive it.
    Pausing(JobControl& job, Processes& processes, Stopping& stopping, Clock& clock, Hooks hooks);

    /// The test was stopped: so is the shell's job, and no clock of ours runs on.
    void test_stopped(Signal signal);
    /// SIGTSTP, typed or sent.
    void stop_job(const ArrivedSignal& arrived, JobState job);
    /// SIGCONT to this process.
    void continued();
    void terminal_wanted(Signal signal);
    /// A signal that ends the run, or the loss of the keeper, ends a pause.
    void go_on();
    /// The shell's job goes on: `fg` or `bg`.
    void job_continued();

    JobControl& job() { return job_; }

private:
    Told pause(Signal signal);
    bool is_continued_by_itself() const;
    void stop_everybody(const ArrivedSignal& arrived);
    void test_has_had_time();
    bool is_stuck(Pid process) const;
    void wake_servers();

    JobControl& job_;
    Processes& processes_;
    Stopping& stopping_;
    Hooks hooks_;
    std::unique_ptr<Alarm> after_typed_stop_;
    bool paused_ = false;
    bool stop_requested_ = false;  // somebody has sent SIGTSTP, and will send SIGCONT
};

}  // namespace vlmshim
