// The controlling terminal: its foreground group and its modes, tcsetpgrp(3) and termios(3).
#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// The foreground process group of our controlling terminal; 0: `fd` is not that terminal.
Pgid foreground_group(int fd);

/// Whether both standard input and output are our controlling terminal.
bool stdio_is_terminal();

/// A new descriptor of our controlling terminal, also where standard input, output and error are not the terminal,
/// tty(4); empty: there is none.
Fd open_terminal();

/// Makes a group of our session the foreground group; from the background too, as SIGTTOU is blocked.
void give_foreground(int fd, Pgid group);

/// The terminal's modes, to be restored after a test that died with the terminal in raw mode.
std::optional<termios> save_modes(int fd);
void restore_modes(int fd, const termios& modes);

/// Its width; 80 where it is not known.
std::size_t terminal_columns(int fd);

}  // namespace vlmshim::os
