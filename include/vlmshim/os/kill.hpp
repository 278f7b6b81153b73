// The only place that sends signals to other processes, and that holds on to one by a pidfd.
#pragma once

#include <system_error>
#include <vector>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

/// Sends to exactly this process: opens a pidfd, looks at the start time once more, sends through
/// the pidfd, so a recycled pid is never hit (pidfd_open(2)). Where pidfds are refused: the same
/// check, then kill(2). ESRCH when it is gone; never signals pid 1 or this process.
std::error_code send_signal(const ProcessIdentity& process, Signal signal);

/// The same, then SIGCONT: a stopped process would not even notice what it was sent.
std::error_code send_and_wake(const ProcessIdentity& process, Signal signal);

/// To a direct child that has not been reaped, whose number can therefore not be recycled: one
/// system call, fast enough to hit a process that lives for microseconds.
std::error_code send_to_child(Pid child, Signal signal);

/// To every member of a group that this process leads, this process included, kill(2). EPERM when
/// it leads none, or when it is PID 1, whose group has no number that kill could name.
std::error_code send_to_own_group(Signal signal);

/// Whether no process is in the group any more, zombies apart from their parents included, kill(2).
bool is_empty(Pgid group);

/// To the group that this process belongs to, whoever leads it: what a terminal does with ^C.
std::error_code send_to_callers_group(Signal signal);

enum class Presence { There, Gone, Unclear };
/// Whether a process has this number: Gone: nobody, or one that has ended and waits for its parent, pidfd_open(2).
/// Sends nothing.
Presence look_at(Pid pid);

/// Becomes readable when exactly this process has ended, pidfd_open(2). Empty: it has already, or the
/// kernel refuses.
Fd watch_end(const ProcessIdentity& process);

/// Returns when one of these processes has ended, or the time is over, poll(2) on their pidfds. Where those are
/// refused, after 5 ms at most.
void wait_for_an_end(const std::vector<ProcessIdentity>& processes, Millis limit);

}  // namespace vlmshim::os
