#include "vlmshim/supervisor/terminal.hpp"

#include <unistd.h>

#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

SystemTerminal::SystemTerminal() : descriptor_(os::open_terminal()) {}

Pgid SystemTerminal::current_group() const {
    return os::current_group();
}

Pgid SystemTerminal::lead_group() {
    return os::lead_group();
}

bool SystemTerminal::is_there() const {
    return static_cast<bool>(descriptor_);
}

bool SystemTerminal::is_stdio() const {
    return os::stdio_is_terminal();
}

bool SystemTerminal::shows_stderr_of(Pgid one, Pgid other) const {
    const Pgid foreground = os::foreground_group(STDERR_FILENO);
    return foreground.value != 0 && (foreground == one || foreground == other);
}

Pgid SystemTerminal::foreground() const {
    return os::foreground_group(descriptor_.get());
}

void SystemTerminal::give_foreground(Pgid group) {
    os::give_foreground(descriptor_.get(), group);
}

bool SystemTerminal::is_empty(Pgid group) const {
    return os::is_empty(group);
}

std::optional<termios> SystemTerminal::modes() const {
    return os::save_modes(descriptor_.get());
}

void SystemTerminal::set_modes(const termios& modes) {
    os::restore_modes(descriptor_.get(), modes);
}

}  // namespace vlmshim
