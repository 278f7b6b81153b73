// The only waitid(2) of the program.
#pragma once

#include <optional>
#include <vector>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

struct Reaped {
    Pid pid;
    ExitStatus status;
};

struct StoppedChild {
    Pid pid;
    Signal signal;
};

struct WaitRound {
    std::vector<Reaped> reaped;
    std::vector<StoppedChild> stopped;  // since the last round
    bool more = false;                  // there may be more to reap
    bool no_children = false;           // ECHILD: for a subreaper, no descendant at all is left
};

/// Reaps children that have ended and reports those that were stopped, without waiting. Takes all there are, as several
/// SIGCHLD become one, but at most a fixed number: processes that fork and exit all the time would keep us here for
/// ever.
WaitRound reap_children();

/// Returns when this child has ended. Only for one that is known to end at once.
void wait_for_child(Pid child);

/// Returns when this process has no children left. Only where SIGCHLD is ignored, so that the kernel reaps them.
void wait_for_all_children();

/// Children found by trying every pid up to `highest`, where /proc cannot be read.
std::vector<Pid> children_by_number(int highest);

/// Whether this process has children now, zombies included. Changes nothing.
bool has_children();

/// The signal that stopped this child; nullopt: it is not stopped now. Changes nothing.
std::optional<Signal> stopped_by(Pid child);

}  // namespace vlmshim::os
