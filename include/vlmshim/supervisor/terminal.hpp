// The controlling terminal and the process groups around it: the seam between job control and the kernel.
#pragma once

#include <termios.h>

#include <optional>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim {

class Terminal {
public:
    virtual ~Terminal() = default;

    /// 0: it lies outside our PID namespace.
    virtual Pgid current_group() const = 0;
    /// os::lead_group
    virtual Pgid lead_group() = 0;
    /// Whether we have a controlling terminal.
    virtual bool is_there() const = 0;
    /// Whether standard input and output are both a terminal.
    virtual bool is_stdio() const = 0;
    /// Whether standard error is a terminal, and one of these two groups is in its foreground.
    virtual bool shows_stderr_of(Pgid one, Pgid other) const = 0;
    virtual Pgid foreground() const = 0;
    virtual void give_foreground(Pgid group) = 0;
    /// Whether no process is in the group any more.
    virtual bool is_empty(Pgid group) const = 0;
    virtual std::optional<termios> modes() const = 0;
    virtual void set_modes(const termios& modes) = 0;
};

/// Of this process' session, credentials(7).
class SystemTerminal final : public Terminal {
public:
    SystemTerminal();
    Pgid current_group() const override;
    Pgid lead_group() override;
    bool is_there() const override;
    bool is_stdio() const override;
    bool shows_stderr_of(Pgid one, Pgid other) const override;
    Pgid foreground() const override;
    void give_foreground(Pgid group) override;
    bool is_empty(Pgid group) const override;
    std::optional<termios> modes() const override;
    void set_modes(const termios& modes) override;

private:
    os::Fd descriptor_;
};

}  // namespace vlmshim
