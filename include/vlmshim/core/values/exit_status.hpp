// How a process ended, as a value.
#pragma once

#include <string>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// The si_code and si_status of waitid(2), decoded where they are read.
struct ExitStatus {
    enum class Kind { Exited, Signaled };
    Kind kind = Kind::Exited;
    int value = 0;  // exit code 0..255, or the signal's number

    static constexpr ExitStatus exited(int code) { return {Kind::Exited, code}; }
    static constexpr ExitStatus signaled(Signal signal) { return {Kind::Signaled, signal.number}; }
    constexpr bool success() const { return kind == Kind::Exited && value == 0; }

    friend bool operator==(ExitStatus, ExitStatus) = default;
};

/// vlmshim's own statuses, as in timeout(1) and env(1).
inline constexpr int exit_timed_out = 124;
inline constexpr int exit_own_failure = 125;
inline constexpr int exit_not_executable = 126;
inline constexpr int exit_not_found = 127;

/// What a shell shows in $?: the code, or 128 + signal.
constexpr int shell_status(ExitStatus status) {
    return status.kind == ExitStatus::Kind::Exited ? status.value : 128 + status.value;
}

/// The signal that it died of, or that its code names as a shell's does. A number below 1: none.
constexpr Signal signal_in(ExitStatus status) {
    return Signal{shell_status(status) - 128};
}

/// "exited with 3", "was killed by SIGKILL".
std::string describe(ExitStatus status);

}  // namespace vlmshim
