// Waiting without an event loop and with all signals blocked: a signal that would end a run ends the waiting.
#pragma once

#include <optional>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/reader_wait.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

class SignalWait final : public os::ReaderWait {
public:
    /// Reads no signal before the first wait. `inherited` outlives it: a signal that the caller ignores ends nothing.
    explicit SignalWait(const os::InheritedSignals& inherited) : inherited_(inherited) {}

    Answer wait(int descriptor, Millis at_most) override;
    /// Until the descriptor (borrowed) has data or is at its end. False: a signal has ended the waiting.
    bool wait_readable(int descriptor);

    /// The signal that ended the waiting.
    std::optional<Signal> ended_by() const { return ended_by_; }

private:
    int signal_descriptor();
    void read_signals();

    const os::InheritedSignals& inherited_;
    os::Fd signals_;
    std::optional<Signal> ended_by_;
};

}  // namespace vlmshim
