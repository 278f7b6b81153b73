#include "vlmshim/os/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace vlmshim::os {

Pgid foreground_group(int fd) {
    const pid_t group = ::tcgetpgrp(fd);
    return Pgid{group > 0 ? group : 0};
}

bool stdio_is_terminal() {
    // tcgetpgrp fails with ENOTTY where the terminal is not the controlling one of our session.
    return ::tcgetpgrp(STDIN_FILENO) > 0 && ::tcgetpgrp(STDOUT_FILENO) > 0;
}

Fd open_terminal() {
    Fd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    // Without /dev (a chroot) one of these may still be the terminal.
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (!terminal && ::tcgetpgrp(fd) >= 0) {
            terminal = Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
        }
    }
    return terminal;
}

void give_foreground(int fd, Pgid group) {
    ::tcsetpgrp(fd, group.value);
}

std::optional<termios> save_modes(int fd) {
    termios modes{};
    return ::tcgetattr(fd, &modes) == 0 ? std::optional(modes) : std::nullopt;
}

void restore_modes(int fd, const termios& modes) {
    ::tcsetattr(fd, TCSANOW, &modes);
}

std::size_t terminal_columns(int fd) {
    constexpr std::size_t usual = 80;
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace vlmshim::os
