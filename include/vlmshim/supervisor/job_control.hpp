// The run's process group and the terminal: who may read from it, and what it looked like before.
#pragma once

#include <termios.h>

#include <optional>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

class JobControl {
public:
    /// Leads a group of our own from here on. Takes the terminal for it when standard input and
    /// output are the terminal and the caller's group has it; `vlmshim -- t &` never does.
    JobControl();

    Pgid group() const { return group_; }
    /// Whether the terminal was taken from the caller's group: what is typed reaches ours instead.
    bool has_terminal() const { return taken_; }
    bool has_controlling_terminal() const { return terminal_ >= 0; }

    /// Whether standard error is a terminal that shows what we write now: ours or the caller's group has it.
    bool in_foreground() const;

    /// A member of the group wants to use the terminal (SIGTTIN, SIGTTOU). True: it may now.
    bool take_if_callers();
    /// After ^Z and `fg`: takes it again if we had it or somebody wanted it.
    void take_again();
    void give_back();
    /// The modes as they were at the start, unless somebody else has the terminal.
    void restore_modes();

private:
    Pgid callers_group_;
    Pgid group_;
    int terminal_;
    std::optional<termios> modes_;
    bool taken_ = false;
    bool wanted_ = false;
};

}  // namespace vlmshim
