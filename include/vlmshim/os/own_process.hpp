// This process: its numbers, its rights, its place among the others.
#pragma once

#include <string>
#include <system_error>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

Pid own_pid();
/// This program's own file, /proc/self/exe in proc(5); empty: it cannot be seen.
std::string own_program();

/// geteuid(2).
unsigned effective_user();
bool is_root();
/// CAP_SYS_PTRACE, capabilities(7): all of /proc can be read, of every user of our user namespace.
bool may_look_into_all();

Pgid current_group();
/// Makes this process the leader of its group, a new one unless it is that already, setpgid(2). Returns the group.
Pgid lead_group();

/// Orphaned descendants become our children, prctl(2) on PR_SET_CHILD_SUBREAPER.
std::error_code become_subreaper();
bool is_subreaper();
/// SIGCONT for this process when its parent ends, in case it is stopped then, prctl(2) on PR_SET_PDEATHSIG.
void continue_when_parent_ends();
/// The highest priority for this process, where that is allowed, setpriority(2).
void raise_own_priority();

}  // namespace vlmshim::os
