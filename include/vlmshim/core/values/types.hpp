// Strong types for the numbers that POSIX passes around as int.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace vlmshim {

using Millis = std::chrono::milliseconds;

/// A signal number, 1..64 (signal(7)).
struct Signal {
    int number = 0;
    friend auto operator<=>(Signal, Signal) = default;
};

/// A process id. 0 means "no process".
struct Pid {
    int value = 0;
    friend auto operator<=>(Pid, Pid) = default;
};

/// A process group id. 0 means "no group".
struct Pgid {
    int value = 0;
    friend auto operator<=>(Pgid, Pgid) = default;
};

/// A TCP port, 1..65535. 0 means "no port".
struct Port {
    std::uint16_t number = 0;
    friend auto operator<=>(Port, Port) = default;
};

}  // namespace vlmshim
