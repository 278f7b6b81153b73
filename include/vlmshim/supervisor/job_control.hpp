// The run's process group and the terminal: which group has it, and its modes before the run.
#pragma once

#include <termios.h>

#include <optional>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/supervisor/terminal.hpp"

namespace vlmshim {

class JobControl {
public:
    /// Leads a group of our own from here on. Where the caller's group lies outside our PID namespace, it stays in
    /// that: a group of our own could never get the terminal. Takes the terminal for the group if standard input and
    /// output are the terminal and the caller's group has it: never with `vlmshim -- t &`. `terminal` outlives it.
    explicit JobControl(Terminal& terminal);

    /// Run: the terminal was taken from the caller's group, and what is typed reaches ours instead.
    TerminalOwner owner() const { return taken_ ? TerminalOwner::Run : TerminalOwner::Caller; }
    bool has_controlling_terminal() const { return terminal_.is_there(); }
    /// We have no group of our own: the terminal's signals reach all processes by themselves.
    bool shares_callers_group() const { return group_.value == 0; }

    /// Whether standard error is a terminal that shows what we write now: ours or the caller's group has it.
    bool in_foreground() const { return terminal_.shows_stderr_of(group_, callers_group_); }

    enum class Taken { Yes, No };
    /// A member of the group wants to use the terminal (SIGTTIN, SIGTTOU). Yes: it may now, or could already.
    Taken take_if_callers();
    /// After ^Z and `fg`: takes it again if we had it or a member of the group wanted it.
    void take_again();
    void give_back();
    /// To those at the start, if our group has the terminal.
    void restore_modes();

private:
    Terminal& terminal_;
    Pgid callers_group_;
    Pgid group_;
    std::optional<termios> modes_;
    bool taken_ = false;
    bool wanted_ = false;
};

}  // namespace vlmshim
