#include "vlmshim/cleanup/signal_wait.hpp"

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/poll.hpp"

namespace vlmshim {

/// -1 if it was refused: no signal ends the waiting then.
int SignalWait::signal_descriptor() {
    if (!signals_) {
        std::error_code refused;
        signals_ = os::open_signal_descriptor({sighup, sigint, sigquit, sigterm, sigtstp}, refused);
    }
    return signals_.get();
}

void SignalWait::read_signals() {
    for (const SignalInfo& info : os::read_signals(signal_descriptor())) {
        if (ends_run(info.signal) && !os::is_ignored(inherited_, info.signal)) {
            ended_by_ = ended_by_.value_or(info.signal);
        } else if (info.signal == sigtstp && !os::is_ignored_now(sigtstp)) {
            os::stop_by(sigtstp);
        }
    }
}

os::ReaderWait::Answer SignalWait::wait(int descriptor, Millis at_most) {
    const bool writable = os::wait_writable(descriptor, {signal_descriptor()}, at_most);
    read_signals();
    if (ended_by_) {
        return Answer::GivenUp;
    }
    return writable ? Answer::Writable : Answer::TimeOver;
}

bool SignalWait::wait_readable(int descriptor) {
    for (bool readable = false; !readable && !ended_by_; read_signals()) {
        readable = os::wait_readable(descriptor, {signal_descriptor()}, std::nullopt);
    }
    return !ended_by_;
}

}  // namespace vlmshim
