// SIGKILL to chosen processes, or in rounds to all of the run until none is left, by core/lifecycle/kill_rounds.
// It is also sent by Stopping::pass_on (to the test, at the end of its grace) and by Evictions.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/lifecycle/kill_rounds.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class Killing {
public:
    /// All outlive it.
    Killing(Processes& processes, Family& family, EndedLog& ended, Log& log)
        : processes_(processes), family_(family), ended_(ended), log_(log) {}

    void kill(const std::vector<Descendant>& processes);
    /// Of these, those that have not got SIGKILL here. One that has may take a moment to exit, without a command line.
    std::vector<Descendant> not_killed(std::vector<Descendant> processes) const;

    enum class State {
        Gone,
        GoesOn,  // call step() again after kill_round_pause
        GaveUp,  // what is left cannot be killed
    };
    /// Kills all of the run, in rounds that follow each other at once while new processes turn up. `reap` reaps the
    /// dead and returns whether there are children left. `now`: of a clock that never jumps.
    State step(const std::function<Family::Children()>& reap, Millis now);
    /// A process has ended.
    void progress(Millis now);

    /// Logs each process that is left, and why; where none is found by a search, that this proves nothing.
    void report_survivors();

private:
    enum class Found { KnownOnly, New };
    Found round();
    std::set<Pid> kill_children();
    Found note(const ProcessIdentity& process);
    void record(const ProcessIdentity& process, EndedHow how);
    Found kill(const ProcessIdentity& process);
    std::vector<SurvivorFacts> survivor_facts() const;

    Processes& processes_;
    Family& family_;
    EndedLog& ended_;
    Log& log_;
    std::optional<KillRounds> rounds_;  // since the first step
    std::set<ProcessIdentity> tried_;
    std::set<ProcessIdentity> refused_;
};

}  // namespace vlmshim
