// The rules of killing: rounds of SIGKILL until nothing is left, or until that is hopeless. The same for a run, for
// what a killed supervisor leaves, and for --free.
#pragma once

#include <vector>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What is known of one process that is still there.
struct SurvivorFacts {
    enum class Kill { NotTried, Taken, Refused };  // Refused: another user's
    Kill kill = Kill::NotTried;
    ProcessState state = ProcessState::Other;
};

/// What those are that have not gone in the time that SIGKILL takes.
enum class Survivors {
    Dying,       // some were killed and only wait for a processor: the machine is busy
    Unkillable,  // another user's, in uninterruptible sleep, traced
};

Survivors classify(const std::vector<SurvivorFacts>& survivors);

/// Time is of a clock that never jumps, and comes from outside.
class KillRounds {
public:
    explicit KillRounds(Millis now) : last_progress_(now) {}

    /// A process has ended.
    void progress(Millis now) { last_progress_ = now; }

    /// Nobody has ended for so long that the survivors have to be looked at.
    bool is_late(Millis now) const;
    enum class Verdict { GoOn, GiveUp };
    /// To be asked when it is late.
    Verdict decide(Survivors survivors, Millis now);

private:
    Millis last_progress_;
    int waits_for_dying_ = 0;
};

}  // namespace vlmshim
