// What comes in from outside: signals, and the keeper.
#include "vlmshim/supervisor/supervisor.hpp"

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

namespace {

/// What the terminal sends to its foreground group when a key is pressed.
bool is_typed(Signal signal) {
    return signal == sigint || signal == sigquit || signal == sigtstp;
}

bool wants_terminal(Signal signal) {
    return signal == sigttin || signal == sigttou;
}

}  // namespace

void Supervisor::on_signals() {
    bool child_ended = false;
    for (const os::SignalInfo& info : os::read_signals(signal_descriptor_.get())) {
        // We lead the group, so what we send to it comes back: one SIGUSR1 would go round for ever.
        const bool echo = info.sender == os::own_pid();
        if (info.signal == sigchld) {
            child_ended = true;
        } else if (!echo) {
            on_signal(info, false);
        }
    }
    if (child_ended) {
        reap();
    }
}

void Supervisor::on_signal(const os::SignalInfo& info, bool relayed) {
    // What the kernel sends to our group has reached the test too; the keeper's group is another.
    const bool by_terminal = info.from_kernel && !relayed;
    if (by_terminal && is_typed(info.signal) && job_.has_terminal()) {
        tell_keeper({os::LinkMessage::Kind::Typed, info, {}});
    }
    if (by_terminal && wants_terminal(info.signal)) {
        if (job_.take_if_callers()) {
            os::send_to_own_group(sigcont);
        } else {
            tell_keeper({os::LinkMessage::Kind::Typed, info, {}});
        }
        return;
    }
    if (info.signal == sigtstp && (by_terminal || test_.value == 0)) {
        typed_stop(relayed);
        return;
    }
    // SIGPIPE is about our own writing.
    if (info.signal == sigcont || info.signal == sigpipe) {
        return;
    }
    // What the caller ignores (nohup) may still mean something to the test, but ends no run.
    const bool ignored = sigismember(&inheritance_.signals.ignored, info.signal.number) == 1;
    const bool ending = ends_run(info.signal) && !ignored;
    if (ending && came_by_the_other_path(info, relayed)) {
        return;
    }
    // To look up who sent it takes longer than to pass it on.
    const bool pass_on_first = test_.value != 0;
    if (!pass_on_first) {
        tell_signal(info, ending);
    }
    feed(event::SignalArrived{info.signal, ending, by_terminal});
    if (pass_on_first) {
        tell_signal(info, ending);
    }
    if (ending) {
        go_on();
    }
}

/// Who signals every process of a job (pkill, systemd, a CI agent) tells the keeper and us the same thing: that is
/// one request. Two by the same path are two.
bool Supervisor::came_by_the_other_path(const os::SignalInfo& info, bool relayed) {
    constexpr Millis at_once{500};
    const bool again = last_ending_ && info.sender.value != 0 && last_ending_->info.signal == info.signal &&
                       last_ending_->info.sender == info.sender && last_ending_->relayed != relayed &&
                       loop_.now() - last_ending_->when <= at_once;
    if (again) {
        last_ending_.reset();
    } else {
        last_ending_ = LastEnding{info, relayed, loop_.now()};
    }
    return again;
}

void Supervisor::on_link() {
    os::LinkMessage message{};
    for (;;) {
        switch (os::receive_message(link_, message)) {
            case os::Received::Message:
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                keeper_.reset();
                link_ = -1;
                log_.error("the keeper was killed: ending the run");
                go_on();
                feed(event::KeeperLost{});
                return;
        }
        switch (message.kind) {
            case os::LinkMessage::Kind::Relay:
                on_signal(message.signal, true);
                break;
            case os::LinkMessage::Kind::Continue:
                job_.take_again();
                go_on();
                break;
            case os::LinkMessage::Kind::Typed:
            case os::LinkMessage::Kind::Stopped:
            case os::LinkMessage::Kind::Verdict:
            case os::LinkMessage::Kind::GaveUp:
                break;
        }
    }
}

void Supervisor::tell_keeper(const os::LinkMessage& message) {
    if (link_ >= 0) {
        os::send_message(link_, message);
    }
}

}  // namespace vlmshim
