// Ends processes that are not our descendants: holders of guarded ports, and what dead runs have left.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/lifecycle/kill_rounds.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class Evictions {
public:
    /// All outlive it.
    Evictions(Processes& processes, EndedLog& ended, Log& log) : processes_(processes), ended_(ended), log_(log) {}

    /// `run`: of the process. If that run is dead, its other processes are ended too, except our ancestors and PID 1.
    void add(const ProcessIdentity& process, const RunOfProcess& run);

    /// SIGKILL at every call; any other signal once per process, followed by SIGCONT.
    void send(Signal signal);
    void forget_gone();
    bool empty() const { return ending_.empty(); }
    const std::set<ProcessIdentity>& left() const { return ending_; }
    std::vector<SurvivorFacts> survivor_facts() const;
    /// One of them, for the report.
    EndedLog::What what_is(const ProcessIdentity& process) const;

private:
    void add_rest_of_dead_runs();

    Processes& processes_;
    EndedLog& ended_;
    Log& log_;
    std::set<ProcessIdentity> ending_;
    std::set<ProcessIdentity> signalled_;
    std::set<ProcessIdentity> refused_;
    std::set<std::string> dead_runs_;
    std::set<ProcessIdentity> of_dead_runs_;
};

}  // namespace vlmshim
