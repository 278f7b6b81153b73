// How long somebody who writes waits for a reader.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

class ReaderWait {
public:
    virtual ~ReaderWait() = default;
    ReaderWait(const ReaderWait&) = delete;
    ReaderWait& operator=(const ReaderWait&) = delete;

    enum class Answer {
        Writable,  // or a write tells what is wrong with it
        TimeOver,
        GivenUp,  // no more of it
    };
    /// Until the descriptor (borrowed; -1: none) can be written to, or the time is over.
    virtual Answer wait(int descriptor, Millis at_most) = 0;

protected:
    ReaderWait() = default;
};

/// What does not go at once does not go at all.
class NoReaderWait final : public ReaderWait {
public:
    Answer wait(int, Millis) override { return Answer::GivenUp; }
};

}  // namespace vlmshim::os
