// The rules of killing: rounds of SIGKILL until no process is left, or until that is hopeless. They hold for a run, for
// what a killed supervisor leaves, and for --free.
#pragma once

#include <vector>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What is known of a process that should have ended.
struct SurvivorFacts {
    enum class Kill { NotTried, Taken, Refused };  // Refused: it is another user's
    Kill kill = Kill::NotTried;
    ProcessState state = ProcessState::Other;
};

/// Why processes have not ended in the time that SIGKILL takes.
enum class Survivors {
    Dying,       // some were killed and wait for a processor: the machine is busy
    Unkillable,  // they are another user's, in uninterruptible sleep, or traced
};

Survivors classify(const std::vector<SurvivorFacts>& survivors);

/// Each `now` is of a clock that never jumps.
class KillRounds {
public:
    explicit KillRounds(Millis now) : last_progress_(now) {}

    /// A process has ended.
    void progress(Millis now) { last_progress_ = now; }

    /// No process has ended for so long that the survivors have to be looked at.
    bool is_late(Millis now) const;
    enum class Verdict { GoOn, GiveUp };
    /// When it is late.
    Verdict decide(Survivors survivors, Millis now);

private:
    Millis last_progress_;
    int waits_for_dying_ = 0;
};

}  // namespace vlmshim
