// How long somebody who writes waits for a reader.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim::os {

class Patience {
public:
    virtual ~Patience() = default;
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;

    enum class Answer {
        Writable,  // or a write tells what is wrong with it
        TimeOver,
        GivenUp,  // no more of it
    };
    /// Until the descriptor (borrowed; -1: none) can be written to, or the time is over.
    virtual Answer wait(int descriptor, Millis at_most) = 0;

protected:
    Patience() = default;
};

/// What does not go at once does not go at all.
class NoPatience final : public Patience {
public:
    Answer wait(int, Millis) override { return Answer::GivenUp; }
};

}  // namespace vlmshim::os
