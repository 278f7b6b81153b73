// Who is told to stop: each process at most once. And the other signals on their way to the test.
#pragma once

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

    /// Sends the stop signal of its server, then SIGCONT, to each of them that was not told before. Reach::Group: the
    /// kernel has told those that are in our process group already; they may be told another time.
    void stop(const std::vector<Descendant>& processes, Reach told);
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
};

}  // namespace vlmshim
