// The marks by which other runs recognise this one, and clues about whether another run lives.
#pragma once

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Its name is the proof that a run lives: the keeper and the supervisor hold it.
struct RunMark {
    RunId id;  // of this process as keeper
    Fd name;   // empty: refused; then id.network is 0, and the pids are the only proof
};

/// To be called before the supervisor is forked, so that both hold the name.
RunMark make_run_mark();

/// Adds the supervisor: this process, or a child that has not been reaped.
RunId complete(RunId run, Pid supervisor);

Whereabouts whereabouts();
/// For classify_life.
RunClues clues_about(const RunId& run, const Whereabouts& here);

}  // namespace vlmshim::os
