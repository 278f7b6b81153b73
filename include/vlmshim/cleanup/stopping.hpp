// Sends stop signals, to each process at most once, and passes other signals on to the test.
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

    /// Sends each process the stop signal of its server, or SIGTERM, then SIGCONT, unless that was done before.
    /// Reach::Group: members of our process group have the terminal's signal already and are left for a later call.
    void stop(const std::vector<Descendant>& processes, Reach already_reached);
    /// The same, after every process of the run was noted for the report.
    void stop_leftovers(const std::vector<Descendant>& leftovers);

    /// SIGCONT to it and its descendants, after a ^Z that was not meant for them.
    void wake_tree(Pid process);

    /// Passes a signal on to a child that has not been reaped; it may still be sent its stop signal later. Wake::Yes:
    /// followed by SIGCONT if the child is stopped.
    void pass_on(Pid child, Signal signal, Wake wake);
    /// To every member of the run's process group except ourselves and `sender`.
    void pass_on_to_group(Signal signal, Pid sender);

private:
    void stop_once(const Descendant& process);
    void record(const ProcessIdentity& process, EndedHow how);
    void send_to_members_of_group(Signal signal, Pid sender);
    void log_sent(Signal signal, Pid process, const std::error_code& error);

    Processes& processes_;
    Family& family_;
    EndedLog& ended_;
    Log& log_;
    std::set<ProcessIdentity> signalled_;
};

}  // namespace vlmshim
