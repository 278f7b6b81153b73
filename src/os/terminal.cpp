#include "vlmshim/os/terminal.hpp"

#include <signal.h>
#include <unistd.h>

namespace vlmshim::os {

Pgid foreground_group() {
    const pid_t group = ::tcgetpgrp(STDIN_FILENO);
    return Pgid{group > 0 ? group : 0};
}

void give_foreground(Pgid group) {
    // From the background the call itself would stop us.
    sigset_t output_stop;
    sigset_t before;
    sigemptyset(&output_stop);
    sigaddset(&output_stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &output_stop, &before);
    ::tcsetpgrp(STDIN_FILENO, group.value);
    sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace vlmshim::os
