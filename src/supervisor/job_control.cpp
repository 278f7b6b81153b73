#include "vlmshim/supervisor/job_control.hpp"

namespace vlmshim {

JobControl::JobControl(Terminal& terminal)
    : terminal_(terminal),
      callers_group_(terminal.current_group()),
      group_(callers_group_.value == 0 ? callers_group_ : terminal.lead_group()) {
    if (!terminal_.is_there()) {
        return;
    }
    modes_ = terminal_.modes();
    if (terminal_.is_stdio()) {
        take_if_callers();
    }
}

JobControl::Taken JobControl::take_if_callers() {
    wanted_ = true;
    if (!terminal_.is_there() || callers_group_ == group_) {
        return Taken::No;
    }
    const Pgid foreground = terminal_.foreground();
    if (foreground == group_) {
        return Taken::Yes;
    }
    if (foreground != callers_group_) {
        return Taken::No;
    }
    terminal_.give_foreground(group_);
    taken_ = true;
    return Taken::Yes;
}

void JobControl::take_again() {
    taken_ = taken_ && terminal_.foreground() == group_;  // else the shell has taken it
    if (wanted_) {
        take_if_callers();
    }
}

void JobControl::give_back() {
    wanted_ = false;  // ^Z and `fg` while the report waits for its reader: the caller keeps it
    if (!taken_) {
        return;
    }
    taken_ = false;
    const Pgid foreground = terminal_.foreground();
    // A shell in a PID namespace below gave it to a group of its own, and cannot give it to ours: it sees no number of
    // it.
    if (foreground == group_ || terminal_.is_empty(foreground)) {
        terminal_.give_foreground(callers_group_);
    }
}

void JobControl::restore_modes() {
    if (modes_ && terminal_.foreground() == group_) {
        terminal_.set_modes(*modes_);
    }
}

}  // namespace vlmshim
