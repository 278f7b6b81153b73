// Who is told to stop: each process at most once. And the other signals on their way to the test.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class Stopping {
public:
    /// All outlive it.
    Stopping(Processes& processes, Family& family, EndedLog& ended, Log& log)
        : processes_(processes), family_(family), ended_(ended), log_(log) {}

    /// Sends `signal`, then SIGCONT, to one process unless it was told before. What is below it
    /// now gets the same signal, should it become an orphan.
    void stop(Pid process, Signal signal);
    /// The same to everything below it.
    void stop_below(Pid process, Signal signal);
    /// SIGTERM (or its server's stop signal) to each of them, unless told before.
    void stop_leftovers(const std::vector<Descendant>& leftovers);

    /// SIGCONT, after a ^Z that was not meant for them.
    void wake_with_below(Pid process);

    /// Passes a signal on to a child that has not been reaped, without counting it as told to stop; SIGCONT after
    /// it when it is stopped and is to be woken.
    void pass_on(Pid child, Signal signal, Wake wake);
    /// To every member of the run's process group but ourselves and `sender`.
    void pass_on_to_group(Signal signal, Pid sender);

private:
    void stop_once(const Descendant& process, Signal signal);
    void send_to_members_of_group(Signal signal, Pid sender);
    void tell(Signal signal, Pid process, const std::error_code& error);

    Processes& processes_;
    Family& family_;
    EndedLog& ended_;
    Log& log_;
    std::set<ProcessIdentity> told_;
    std::map<ProcessIdentity, Signal> stop_signals_;  // of processes seen below a server
};

}  // namespace vlmshim
