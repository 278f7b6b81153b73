// What comes in from outside: signals, and the keeper.
#include "vlmshim/supervisor/supervisor.hpp"

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

void Supervisor::on_signals() {
    bool child_ended = false;
    for (const SignalInfo& info : os::read_signals(signal_descriptor_.get())) {
        if (info.signal == sigchld) {
            child_ended = true;
        } else {
            on_signal(info, SignalPath::Direct);
        }
    }
    if (child_ended) {
        reap();
    }
}

JobState Supervisor::job_state() const {
    if (test_.value != 0) {
        return JobState::Testing;
    }
    return lifecycle_.phase() <= Phase::Serving ? JobState::Waiting : JobState::Ending;
}

void Supervisor::on_signal(const SignalInfo& info, SignalPath path) {
    const bool ignored = sigismember(&inheritance_.signals.ignored, info.signal.number) == 1;
    const ArrivedSignal arrived{info, path, ignored ? Disposition::Ignored : Disposition::Default};
    const auto terminal = job_.has_terminal() ? TerminalOwner::Run : TerminalOwner::Caller;
    if (SignalIntake::is_for_callers_group_too(arrived, terminal)) {
        tell_keeper(os::to_keeper::Shared{info.signal});
    }
    const SignalMeaning meaning = intake_.decide(arrived, job_state(), loop_.now());
    // To look up who sent it takes longer than to pass it on.
    const bool pass_on_first = test_.value != 0;
    if (!pass_on_first) {
        tell_signal(info, meaning);
    }
    std::visit([&](const auto& what) { follow(what, path); }, meaning);
    if (pass_on_first) {
        tell_signal(info, meaning);
    }
}

void Supervisor::follow(const meaning::Nothing&, SignalPath) {}

void Supervisor::follow(const meaning::EndRun& what, SignalPath) {
    feed(event::EndRequested{what.signal, what.pass_on, what.reach});
    go_on();
}

void Supervisor::follow(const meaning::SameRequest& what, SignalPath) {
    feed(event::RequestRepeated{what.pass_on, what.reach});
}

void Supervisor::follow(const meaning::EndNow&, SignalPath) {
    feed(event::EndDemanded{});
    go_on();
}

void Supervisor::follow(const meaning::PassOn& what, SignalPath) {
    feed(event::SignalPassed{what.signal, what.sender});
}

void Supervisor::follow(const meaning::WantsTerminal& what, SignalPath) {
    if (job_.take_if_callers()) {
        os::send_to_own_group(sigcont);
    } else {
        tell_keeper(os::to_keeper::Shared{what.signal});
    }
}

void Supervisor::follow(const meaning::StopJob&, SignalPath path) {
    typed_stop(path);
}

void Supervisor::on_link() {
    os::ToSupervisor message;
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
        if (const auto* relayed = std::get_if<os::to_supervisor::Relayed>(&message)) {
            on_signal(relayed->info, SignalPath::Relayed);
        } else {
            job_.take_again();
            go_on();
        }
    }
}

void Supervisor::tell_keeper(const os::ToKeeper& message) {
    if (link_ >= 0) {
        os::send_message(link_, message);
    }
}

}  // namespace vlmshim
