// A controlling terminal, and the two process groups that may have it. A test sets everything.
#pragma once

#include <optional>
#include <set>

#include "vlmshim/supervisor/terminal.hpp"

namespace vlmshim::test {

constexpr Pgid callers_group{50};
constexpr Pgid our_group{100};

struct TerminalState {
    bool there = true;
    bool stdio = true;
    bool stderr_is_it = true;
    Pgid group = callers_group;  // of this process; a shell with job control may have made us lead one already
    Pgid front = callers_group;
    tcflag_t mode = 1;       // stands for all the modes
    std::set<Pgid> empty{};  // groups without a process
};

class FakeTerminal final : public Terminal, public TerminalState {
public:
    explicit FakeTerminal(const TerminalState& state = {}) : TerminalState(state) {}

    Pgid current_group() const override { return group; }
    Pgid lead_group() override { return group = our_group; }
    bool is_there() const override { return there; }
    bool is_stdio() const override { return there && stdio; }
    bool shows_stderr_of(Pgid one, Pgid other) const override {
        return there && stderr_is_it && (front == one || front == other);
    }
    Pgid foreground() const override { return there ? front : Pgid{}; }
    void give_foreground(Pgid to) override { front = to; }
    std::optional<termios> modes() const override {
        termios modes{};
        modes.c_lflag = mode;
        return modes;
    }
    bool is_empty(Pgid other) const override { return empty.contains(other); }
    void set_modes(const termios& modes) override { mode = modes.c_lflag; }
};

}  // namespace vlmshim::test
