#include "vlmshim/core/lifecycle/kill_rounds.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

Survivors classify(const std::vector<SurvivorFacts>& survivors) {
    // SIGKILL makes every process runnable at once that is not in uninterruptible sleep.
    const bool any_dying = std::any_of(survivors.begin(), survivors.end(), [](const SurvivorFacts& survivor) {
        return survivor.kill == SurvivorFacts::Kill::Taken && survivor.state == ProcessState::Running;
    });
    return any_dying ? Survivors::Dying : Survivors::Unkillable;
}

bool KillRounds::is_late(Millis now) const {
    return now - last_progress_ >= kill_give_up;
}

KillRounds::Verdict KillRounds::decide(Survivors survivors, Millis now) {
    switch (survivors) {
        case Survivors::Dying:
            if (waits_for_dying_ < most_waits_for_dying) {
                ++waits_for_dying_;
                last_progress_ = now;
                return Verdict::GoOn;
            }
            break;
        case Survivors::Unkillable:
            break;
    }
    return Verdict::GiveUp;
}

}  // namespace vlmshim
