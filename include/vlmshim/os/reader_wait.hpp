// How a writer waits for its reader, and for how long.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

class ReaderWait {
public:
    virtual ~ReaderWait() = default;
    ReaderWait(const ReaderWait&) = delete;
    ReaderWait& operator=(const ReaderWait&) = delete;

    enum class Answer {
        Writable,  // or a write fails at once
        TimeOver,
        GivenUp,  // stop writing
    };
    /// Returns when the descriptor (borrowed; -1: none) can be written to, or after `at_most`.
    virtual Answer wait(int descriptor, Millis at_most) = 0;

protected:
    ReaderWait() = default;
};

/// Gives up at once.
class NoReaderWait final : public ReaderWait {
public:
    Answer wait(int, Millis) override { return Answer::GivenUp; }
};

}  // namespace vlmshim::os
