#include "vlmshim/core/lifecycle/run_life.hpp"

namespace vlmshim {

namespace {

RunLife classify_name(NameAnswer answer) {
    switch (answer) {
        case NameAnswer::Held:
            return RunLife::Alive;
        case NameAnswer::Nobody:
            return RunLife::Dead;
        case NameAnswer::Unclear:
            break;
    }
    return RunLife::Unknown;
}

/// Keeper and supervisor start in one moment: a process that started later has got the pid of one that has ended. A
/// keeper that was another program before its exec may be older: that is not known, and counts as alive.
RunLife classify_start(std::uint64_t ticks, const RunId& run) {
    constexpr std::uint64_t rounding = 1;  // where the offset of a time namespace is no whole number of ticks
    if (ticks == 0 || run.start_ticks == 0 || ticks + rounding < run.start_ticks) {
        return RunLife::Unknown;
    }
    return ticks > run.start_ticks + rounding ? RunLife::Dead : RunLife::Alive;
}

RunLife classify_number(const NumberAnswer& answer, const RunId& run) {
    switch (answer.kind) {
        case NumberAnswer::Kind::Nobody:
            return RunLife::Dead;
        case NumberAnswer::Kind::Someone:
            return classify_start(answer.start_ticks, run);
        case NumberAnswer::Kind::Unclear:
            break;
    }
    return RunLife::Unknown;
}

/// One of the two that is alive is enough: if the other one was killed, it is ending the run.
RunLife either(RunLife one, RunLife other) {
    if (one == RunLife::Alive || other == RunLife::Alive) {
        return RunLife::Alive;
    }
    return one == other ? one : RunLife::Unknown;
}

}  // namespace

RunLife classify_life(const RunId& run, const RunClues& clues) {
    const Whereabouts& here = clues.here;
    const bool same_boot = !here.boot.empty() && run.boot == here.boot;
    if (!same_boot) {
        return RunLife::Unknown;  // Slurm and mpirun export the environment to other machines
    }
    if (run.network != 0 && run.network == here.network) {
        return classify_name(clues.name);
    }
    if (run.pid_namespace != 0 && run.pid_namespace == here.pid_namespace) {
        return either(classify_number(clues.keeper, run), classify_number(clues.supervisor, run));
    }
    return RunLife::Unknown;
}

}  // namespace vlmshim
