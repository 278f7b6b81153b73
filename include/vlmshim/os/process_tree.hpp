// The descendants of a process, from the children lists of /proc.
#pragma once

#include <optional>
#include <string>
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

/// The pid of every process that /proc shows.
std::vector<Pid> all_pids();

/// The process with this pid, if it has this VLMSHIM_RUN in its environment and is of our user (is_ours).
std::optional<Descendant> carrier(Pid pid, const std::string& cookie);

/// The pid that a process or thread got last, proc(5) on /proc/loadavg: it grows with each fork, until pid_max is
/// reached and it begins anew. 0: not known.
Pid newest_number();

}  // namespace vlmshim::os
