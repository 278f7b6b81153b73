// The run is over, and its report waits for a reader: the loop goes on meanwhile, so that signals are heard.
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
        if (over_) {
            return Answer::GivenUp;
        }
        return loop_.wait_writable(descriptor, at_most) ? Answer::Writable : Answer::TimeOver;
    }

    void give_up() { over_ = true; }

private:
    loop::Loop& loop_;
    bool over_ = false;
};

}  // namespace vlmshim
