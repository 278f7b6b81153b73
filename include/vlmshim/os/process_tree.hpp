// The descendants of a process, from the children lists of /proc.
#pragma once

#include <vector>

#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

/// All descendants of `root`, parents before their children. The lists of a running tree can miss processes that are
/// forked meanwhile (proc(5) on task/TID/children), so callers repeat it in rounds; the proof is waitid's ECHILD. Costs
/// grow with the descendants only; where the kernel has no children lists (CONFIG_PROC_CHILDREN), all of /proc is read.
/// Without a /proc of ours only this process' own children are found: a subreaper inherits the others in time.
std::vector<Descendant> descendants_of(Pid root);

/// This process' own children, dead ones included.
std::vector<Pid> own_children();

/// Every process that /proc shows.
std::vector<ProcessIdentity> all_processes();

/// Processes outside `known` that have this VLMSHIM_RUN in their environment, and are of our user (is_ours). Reads the
/// environment of every process.
std::vector<Descendant> escaped_processes(const std::vector<Descendant>& known, const std::string& cookie);

/// The pid that a process or thread got last, proc(5) on /proc/loadavg: it changes with each fork. 0: not known.
Pid newest_number();

}  // namespace vlmshim::os
