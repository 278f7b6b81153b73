// Job control: ^Z, fg and bg, and what must not run on while the job is stopped.
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
    struct Hooks {
        /// The test while it lives; 0: none.
        std::function<Pid()> test;
        /// The main processes of the servers that live.
        std::function<std::vector<Pid>()> servers;
        /// Gone: there is no keeper, and so no job of a shell's.
        std::function<os::Sent(const os::ToKeeper&)> send_to_keeper;
        std::function<bool()> is_pid_one;
        /// The timers of the run, its probes and its waiting lines.
        std::function<void()> pause;
        std::function<void()> resume;
    };

    /// All outlive it.
    Pausing(JobControl& job, Processes& processes, Stopping& stopping, Clock& clock, Hooks hooks);

    /// The test was stopped: so is the shell's job, and no timer of ours runs on.
    void test_stopped(Signal signal);
    /// SIGTSTP, typed or sent.
    void stop_job(const ArrivedSignal& arrived, JobState job);
    /// SIGCONT to this process.
    void continued();
    void terminal_wanted(Signal signal);
    /// Also after a signal that ends the run, and when the keeper is lost.
    void end_pause();
    /// The shell has continued the job: `fg` or `bg`.
    void job_continued();

    JobControl& job() { return job_; }

private:
    /// Whether it began a pause.
    bool pause(Signal signal);
    bool is_continued_by_itself() const;
    void stop_group(const ArrivedSignal& arrived);
    void check_test_stopped();
    bool is_stuck(Pid process) const;
    void wake_servers();

    JobControl& job_;
    Processes& processes_;
    Stopping& stopping_;
    Hooks hooks_;
    std::unique_ptr<Alarm> after_typed_stop_;
    bool paused_ = false;
    bool stop_requested_ = false;  // SIGTSTP was sent, and its sender will send SIGCONT
};

}  // namespace vlmshim
