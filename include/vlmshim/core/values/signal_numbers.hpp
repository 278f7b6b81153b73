// The signals that mean something to a run, by number: signal(7), as on x86, ARM and RISC-V.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

inline constexpr Signal sighup{1};
inline constexpr Signal sigint{2};
inline constexpr Signal sigquit{3};
inline constexpr Signal sigkill{9};
inline constexpr Signal sigpipe{13};
inline constexpr Signal sigterm{15};
inline constexpr Signal sigchld{17};
inline constexpr Signal sigcont{18};
inline constexpr Signal sigstop{19};
inline constexpr Signal sigtstp{20};
inline constexpr Signal sigttin{21};
inline constexpr Signal sigttou{22};

}  // namespace vlmshim
