// The descendants of a process, by the children lists of /proc.
#pragma once

#include <vector>

#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

/// Everything below `root`, parents before their children. The lists of a running tree can miss
/// what is forked meanwhile (proc(5) on task/TID/children), so callers go in rounds; the proof is
/// waitid's ECHILD. Costs grow with the descendants alone; where the kernel has no children lists
/// (CONFIG_PROC_CHILDREN), all of /proc is read instead. Without a /proc of ours only this process'
/// own children are found; to a subreaper come all others when their parents end.
std::vector<Descendant> descendants_of(Pid root);

/// This process' own children, dead ones included.
std::vector<Pid> own_children();

/// Every process that /proc shows. Costs grow with the machine's processes.
std::vector<ProcessIdentity> all_processes();

/// Processes outside `known` that carry this VLMSHIM_RUN and are ours. Reads the environment of every process.
std::vector<Descendant> escaped_processes(const std::vector<Descendant>& known, const std::string& cookie);
/// That was given to a process or a thread last, /proc/loadavg in proc(5): another one means that something was forked
/// meanwhile. 0: not known.
Pid newest_number();

}  // namespace vlmshim::os
