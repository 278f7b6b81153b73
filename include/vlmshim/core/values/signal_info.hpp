// A signal as it arrived, and what the kernel reports of its sender.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// si_code of sigaction(2), as far as it matters.
enum class SignalCode {
    Kernel,   // SI_KERNEL: a key was pressed on the terminal, or it hung up
    Process,  // kill(2) and the like
};

struct SignalInfo {
    Signal signal;
    Pid sender;  // 0: the kernel, or a process outside our PID namespace
    SignalCode code = SignalCode::Process;

    friend bool operator==(const SignalInfo&, const SignalInfo&) = default;
};

}  // namespace vlmshim
