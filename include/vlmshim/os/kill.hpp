// The only place that sends signals to other processes and opens pidfds.
#pragma once

#include <system_error>
#include <vector>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

/// Sends to exactly this process, never to another one after a pid wrap-around: opens a pidfd, checks the start time,
/// sends through the pidfd, pidfd_open(2). Where pidfds are refused: the same check, then kill(2). ESRCH: the process
/// does not exist any more. EINVAL: pid 1 or this process, which are never signalled.
std::error_code send_signal(const ProcessIdentity& process, Signal signal);

/// The same, then SIGCONT: a stopped process acts on no other signal, except SIGKILL.
std::error_code send_and_wake(const ProcessIdentity& process, Signal signal);

/// To a child that has not been reaped, whose pid therefore cannot belong to another process: one system call, fast
/// enough for a process that lives for microseconds.
std::error_code send_to_child(Pid child, Signal signal);

/// To every member of the group that this process leads, this process included, kill(2). EPERM: it leads none, or is
/// PID 1, whose group kill(2) cannot name.
std::error_code send_to_own_group(Signal signal);

/// Whether the group has no member left; a zombie is still a member, kill(2).
bool is_empty(Pgid group);

/// To the group that this process belongs to, whichever process leads it, as the terminal does at ^C.
std::error_code send_to_callers_group(Signal signal);

enum class Presence {
    Alive,
    Ended,  // no process has this pid, or a zombie
    Unclear,
};
/// pidfd_open(2), or kill(2) with signal 0. Sends nothing.
Presence presence_of(Pid pid);

/// Becomes readable when exactly this process has ended, pidfd_open(2). Empty: it has ended already, or the kernel
/// refuses.
Fd watch_end(const ProcessIdentity& process);

/// Returns when one of these processes has ended, or after `limit`, poll(2) on their pidfds. Where those are refused,
/// after 5 ms at most.
void wait_for_an_end(const std::vector<ProcessIdentity>& processes, Millis limit);

}  // namespace vlmshim::os
