// The signals that vlmshim treats specially.
#pragma once

#include <csignal>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

inline constexpr Signal sighup{SIGHUP};
inline constexpr Signal sigint{SIGINT};
inline constexpr Signal sigquit{SIGQUIT};
inline constexpr Signal sigabrt{SIGABRT};
inline constexpr Signal sigkill{SIGKILL};
inline constexpr Signal sigpipe{SIGPIPE};
inline constexpr Signal sigterm{SIGTERM};
inline constexpr Signal sigchld{SIGCHLD};
inline constexpr Signal sigcont{SIGCONT};
inline constexpr Signal sigstop{SIGSTOP};
inline constexpr Signal sigtstp{SIGTSTP};
inline constexpr Signal sigttin{SIGTTIN};
inline constexpr Signal sigttou{SIGTTOU};

/// Whether it stops a background process for access to the terminal, termios(3).
constexpr bool is_terminal_access_stop(Signal signal) {
    return signal == sigttin || signal == sigttou;
}

}  // namespace vlmshim
