// The controlling terminal: who owns it, and how it was set, tcsetpgrp(3) and termios(3).
#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// The foreground process group of our controlling terminal, asked through `fd`; 0 when that is no
/// terminal or not ours.
Pgid foreground_group(int fd);

/// Whether both standard input and output are our controlling terminal.
bool stdio_is_terminal();

/// A descriptor of our own for our controlling terminal; empty when there is none. Found also where all of standard
/// input, output and error are something else, tty(4).
Fd open_terminal();

/// Hands the terminal to a group of our session; from the background too (SIGTTOU stays blocked, as
/// all signals are).
void give_foreground(int fd, Pgid group);

/// The terminal's modes, to be put back after a test that died with the terminal in raw mode.
std::optional<termios> save_modes(int fd);
void restore_modes(int fd, const termios& modes);

/// How wide it is; 80 when nobody knows.
std::size_t terminal_columns(int fd);

}  // namespace vlmshim::os
