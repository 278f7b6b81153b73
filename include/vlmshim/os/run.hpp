// What a run leaves for others to know it by, and what can be found out about somebody else's.
#pragma once

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// The proof that a run lives: it does as long as a process of it holds the name.
struct RunMark {
    RunId id;  // of this process as keeper
    Fd name;   // empty: refused; then id.network is 0, and the numbers are all there is
};

/// To be called before the supervisor is forked, so that both hold the name.
RunMark make_run_mark();

/// With its supervisor: this process, or a child that was not reaped.
RunId complete(RunId run, Pid supervisor);

Whereabouts whereabouts();
/// What can decide it, classify_life says how.
RunClues clues_about(const RunId& run, const Whereabouts& here);

}  // namespace vlmshim::os
