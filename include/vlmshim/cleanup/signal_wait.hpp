// Waiting where there is no loop, with all signals blocked: what would end a run ends the waiting.
#pragma once

#include <optional>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/reader_wait.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

class SignalWait final : public os::ReaderWait {
public:
    /// Takes no signal before it waits. `inherited` outlives it: what the caller ignores ends nothing.
    explicit SignalWait(const os::InheritedSignals& inherited) : inherited_(inherited) {}

    Answer wait(int descriptor, Millis at_most) override;
    /// Until there is something to read, or its end (descriptor borrowed). False: a signal has come.
    bool wait_readable(int descriptor);

    /// The signal that ended the waiting.
    std::optional<Signal> ended_by() const { return ended_by_; }

private:
    int signals();
    void read_signals();

    const os::InheritedSignals& inherited_;
    os::Fd signals_;
    std::optional<Signal> ended_by_;
};

}  // namespace vlmshim
