// SIGKILL: to one tree, and in rounds to everybody until nothing is left. Its rules are in core/lifecycle/kill_rounds.
// Besides, the test alone gets it at the end of its grace (Stopping::pass_on), and what holds a port (Evictions).
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

    enum class State {
        Gone,
        GoesOn,  // to be called again after kill_round_pause
        GaveUp,  // what is left cannot be killed
    };
    /// Over everybody: rounds that follow each other at once while new processes turn up. `reap` reaps the dead and
    /// says whether anybody is left. Time is of a clock that never jumps.
    State step(const std::function<Family::Children()>& reap, Millis now);
    /// A process has ended.
    void progress(Millis now);

    /// Names in the log what is left, and why.
    void report_survivors();

private:
    enum class Met { Before, FirstTime };
    Met round();
    std::set<Pid> kill_children();
    Met note(const ProcessIdentity& process);
    Met kill(const ProcessIdentity& process);
    std::vector<SurvivorFacts> survivor_facts() const;

    Processes& processes_;
    Family& family_;
    EndedLog& ended_;
    Log& log_;
    std::optional<KillRounds> rounds_;  // since the first step
    std::set<ProcessIdentity> killed_;  // or tried to
    std::set<ProcessIdentity> refused_;
};

}  // namespace vlmshim
