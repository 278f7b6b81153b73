// Whether the run that a process has in its VLMSHIM_RUN is still alive.
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

/// Of this process.
struct Whereabouts {
    std::string boot;                 // boot id; empty: cannot be read, as with /proc mounted subset=pid
    std::uint64_t network = 0;        // SO_NETNS_COOKIE; 0: the kernel knows none (before Linux 5.14)
    std::uint64_t pid_namespace = 0;  // inode of /proc/self/ns/pid; 0: cannot be read
};

/// What connect(2) to the run's abstract socket shows, in our network namespace.
enum class NameAnswer {
    Held,     // by keeper or supervisor
    Nobody,   // ECONNREFUSED: it is not bound
    Unclear,  // any other error, EPERM of a security module for one
};

/// What /proc shows of the pid of a keeper or supervisor, in our PID namespace.
struct NumberAnswer {
    enum class Kind {
        Nobody,   // there is no such process, or it is a zombie
        Someone,  // a process that is alive
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

/// The socket's name is the best proof: it has the scope of the ports, and the kernel removes it with the last of the
/// two processes. The pids count only where the name means nothing, and only in their own PID namespace.
RunLife classify_life(const RunId& run, const RunClues& clues);

}  // namespace vlmshim
