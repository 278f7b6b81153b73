#include "vlmshim/supervisor/job_control.hpp"

#include <unistd.h>

#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

JobControl::JobControl()
    : callers_group_(os::current_group()), group_(os::lead_group()), terminal_(os::terminal_descriptor()) {
    if (terminal_ < 0) {
        return;
    }
    modes_ = os::save_modes(terminal_);
    if (os::stdio_is_terminal()) {
        take_if_callers();
    }
}

bool JobControl::in_foreground() const {
    const Pgid foreground = os::foreground_group(STDERR_FILENO);
    return foreground.value != 0 && (foreground == group_ || foreground == callers_group_);
}

bool JobControl::take_if_callers() {
    wanted_ = true;
    if (terminal_ < 0 || callers_group_ == group_ || os::foreground_group(terminal_) != callers_group_) {
        return false;
    }
    os::give_foreground(terminal_, group_);
    taken_ = true;
    return true;
}

void JobControl::take_again() {
    taken_ = false;
    if (wanted_) {
        take_if_callers();
    }
}

void JobControl::give_back() {
    if (taken_ && os::foreground_group(terminal_) == group_) {
        os::give_foreground(terminal_, callers_group_);
    }
    taken_ = false;
}

void JobControl::restore_modes() {
    if (modes_ && os::foreground_group(terminal_) == group_) {
        os::restore_modes(terminal_, *modes_);
    }
}

}  // namespace vlmshim
