// Processes that are none of our descendants and have to go: holders of guarded ports, and what dead
// runs have left.
#pragma once

#include <spdlog/logger.h>

#include <optional>
#include <set>
#include <string>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

class Evictions {
public:
    explicit Evictions(spdlog::logger& log) : log_(log) {}

    void record_into(EndedLog& ended) { ended_ = &ended; }

    void add(const os::ProcessIdentity& process) { ending_.insert(process); }
    /// Whatever carries its VLMSHIM_RUN, ancestors of ours and pid 1 apart.
    void add_run(const RunId& dead) { dead_runs_.insert(to_string(dead)); }

    /// SIGKILL as often as it is called; any other signal once per process, followed by SIGCONT.
    /// Looks for the rest of the dead runs first.
    void send(Signal signal);
    void forget_gone();
    bool empty() const { return ending_.empty(); }
    const std::set<os::ProcessIdentity>& left() const { return ending_; }

private:
    void add_rest_of_dead_runs();

    spdlog::logger& log_;
    EndedLog* ended_ = nullptr;
    std::set<os::ProcessIdentity> ending_;
    std::set<os::ProcessIdentity> asked_;
    std::set<std::string> dead_runs_;
};

/// The run that a process of our PID namespace carries, when its supervisor no longer lives.
std::optional<RunId> dead_run_of(Pid pid);

}  // namespace vlmshim
