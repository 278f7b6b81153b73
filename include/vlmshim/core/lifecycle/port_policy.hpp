// What may be done to a process that listens on a guarded port.
#pragma once

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

/// What is known about one holder of a listening socket.
struct HolderFacts {
    bool visible = false;           // its process could be found
    bool self = false;              // it is us: the caller passes the socket to the test
    bool ancestor_or_init = false;  // an ancestor of ours, or pid 1
    bool spared = false;            // its name is in [ports] spare
    bool passed_on = false;         // the socket is another user's, and was passed on to it
    bool other_user = false;        // it is another user's
    bool of_live_run = false;       // of a vlmshim run that is, or may be, alive
    bool of_dead_run = false;       // of one that is proven dead
    bool of_other_run = false;      // of one that is, or may be, alive and is not ours
};

enum class HolderVerdict {
    Ignore,  // no obstacle
    Reuse,   // no obstacle either: it is used as the server
    End,
    Refuse,  // an obstacle that we must leave alone
};

/// Before the run: leftovers of a dead run are ended, about the others `busy` decides.
constexpr HolderVerdict classify_before(HolderFacts holder, Busy busy) {
    if (holder.self) {
        return HolderVerdict::Ignore;
    }
    const bool untouchable = !holder.visible || holder.ancestor_or_init || holder.spared || holder.passed_on;
    if (holder.of_dead_run && !untouchable) {
        return HolderVerdict::End;
    }
    switch (busy) {
        case Busy::Fail:
            return HolderVerdict::Refuse;
        case Busy::Kill:
            return untouchable ? HolderVerdict::Refuse : HolderVerdict::End;
        case Busy::Reuse:
            return HolderVerdict::Reuse;
    }
    return HolderVerdict::Refuse;
}

/// After the run no descendant is left, so a listener was started by another program while the run had claimed the
/// port.
constexpr HolderVerdict classify_after(HolderFacts holder, Outsiders outsiders) {
    if (!holder.visible || holder.self || holder.ancestor_or_init || holder.spared || holder.passed_on) {
        return HolderVerdict::Refuse;
    }
    switch (outsiders) {
        case Outsiders::Own:
            return holder.other_user ? HolderVerdict::Refuse : HolderVerdict::End;
        case Outsiders::End:
            return HolderVerdict::End;
        case Outsiders::Report:
            return HolderVerdict::Refuse;
    }
    return HolderVerdict::Refuse;
}

/// The same for a port that was chosen for this run. No other program could know that it is claimed: one that has it
/// since is left alone.
constexpr HolderVerdict classify_chosen_after(HolderFacts holder) {
    return holder.of_other_run ? HolderVerdict::Ignore : HolderVerdict::Refuse;
}

/// Whether the port was given to --free, or is of the configuration.
enum class PortNamed { No, Yes };

enum class FreeVerdict { End, NotVisible, OwnAncestor, Spared, PassedOn, OfLiveRun };

/// For --free: as `busy = "kill"`, but a process of a run that is alive is ended only for a port that the user has
/// named.
constexpr FreeVerdict classify_to_free(HolderFacts holder, PortNamed named) {
    if (!holder.visible) {
        return FreeVerdict::NotVisible;
    }
    if (holder.self || holder.ancestor_or_init) {
        return FreeVerdict::OwnAncestor;
    }
    if (holder.spared) {
        return FreeVerdict::Spared;
    }
    if (holder.passed_on) {
        return FreeVerdict::PassedOn;
    }
    return holder.of_live_run && named == PortNamed::No ? FreeVerdict::OfLiveRun : FreeVerdict::End;
}

}  // namespace vlmshim
