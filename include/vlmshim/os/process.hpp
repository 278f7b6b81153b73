// What /proc says about one process, proc(5). Every function returns nullopt or an empty value when the process does
// not exist or cannot be seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vlmshim/core/lifecycle/run_processes.hpp"
#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/process.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

/// Whether there is a /proc of our PID namespace. In one of another namespace (unshare --pid without --mount-proc) our
/// pids are other processes: worse than none.
bool proc_is_ours();

std::optional<ProcStat> read_stat(Pid pid);
std::optional<ProcessIdentity> identify(Pid pid);
/// For messages: the command line, else the name in brackets, else "?".
std::string describe_command(Pid pid);
/// The first word of its command line, or what the process has put in its place.
std::string title_of(Pid pid);
/// The file that it runs.
ProgramFile program_of(Pid pid);
/// The program's short name (comm), proc(5).
std::string short_name(Pid pid);
/// User name of the real uid, else the number; resolved from /etc/passwd only.
std::string user_of(Pid pid);
std::string user_name(unsigned uid);
/// Its environment at exec time, NUL after each "NAME=value", proc(5) on environ. It may have been overwritten.
std::string environment_of(Pid pid);
/// One variable of that.
std::optional<std::string> environment_variable(Pid pid, std::string_view name);
/// Whether its real, effective and saved user id are our effective one: then its environment can be believed, since
/// only our own user, against whom there is no defence, can have set it.
bool is_ours(Pid pid);
/// Whether /proc shows no processes of other users, hidepid in proc(5).
bool proc_hides_others();
/// Real, effective and saved user id.
std::optional<ProcUids> uids_of(Pid pid);
/// The pid of the process to which the thread with this number belongs.
std::optional<Pid> thread_group_of(Pid thread);

}  // namespace vlmshim::os
