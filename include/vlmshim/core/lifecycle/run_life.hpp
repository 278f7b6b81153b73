// Whether a run that somebody's VLMSHIM_RUN names still lives.
#pragma once

#include <cstdint>
#include <string>

#include "vlmshim/core/values/run_id.hpp"

namespace vlmshim {

enum class RunLife {
    Alive,
    Dead,     // proven
    Unknown,  // counts as alive: nothing is ended for it
};

/// Of the process that asks.
struct Whereabouts {
    std::string boot;                 // empty: cannot be read, as with /proc mounted subset=pid
    std::uint64_t network = 0;        // SO_NETNS_COOKIE; 0: the kernel knows none (before Linux 5.14)
    std::uint64_t pid_namespace = 0;  // inode of /proc/self/ns/pid; 0: cannot be read
};

/// What connect(2) to the run's name says, in the network namespace of the process that asks.
enum class NameAnswer {
    Held,     // by keeper or supervisor
    Nobody,   // ECONNREFUSED
    Unclear,  // anything else, a security module's EPERM for one
};

/// What the process says that has the number of a keeper or supervisor, seen from the process that asks.
struct NumberAnswer {
    enum class Kind {
        Nobody,   // or a zombie
        Someone,  // somebody who lives has it
        Unclear,
    };
    Kind kind = Kind::Unclear;
    std::uint64_t start_ticks = 0;  // as RunId::start_ticks; 0: not known
};

struct RunClues {
    Whereabouts here;
    NameAnswer name = NameAnswer::Unclear;
    NumberAnswer keeper;
    NumberAnswer supervisor;
};

/// The name is the best proof: it has the scope of the ports, and the kernel takes it away with the last of the two
/// processes. Numbers count only where the name means nothing, and only in the PID namespace that they are of.
RunLife classify_life(const RunId& run, const RunClues& clues);

}  // namespace vlmshim
