// The wait of the report for its reader, after the run. The loop goes on, so that a signal can end the wait.
#pragma once

#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/reader_wait.hpp"

namespace vlmshim {

class ReportWait final : public os::ReaderWait {
public:
    /// The loop outlives it.
    explicit ReportWait(loop::Loop& loop) : loop_(loop) {}

    Answer wait(int descriptor, Millis at_most) override {
        loop_.catch_up();
        if (given_up_) {
            return Answer::GivenUp;
        }
        return loop_.wait_writable(descriptor, at_most) ? Answer::Writable : Answer::TimeOver;
    }

    void give_up() { given_up_ = true; }

private:
    loop::Loop& loop_;
    bool given_up_ = false;
};

}  // namespace vlmshim
