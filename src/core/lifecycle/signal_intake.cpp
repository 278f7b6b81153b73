#include "vlmshim/core/lifecycle/signal_intake.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

namespace {

/// The terminal's driver sends it to the foreground group, which is not the keeper's.
bool is_from_terminal(const ArrivedSignal& arrived) {
    return arrived.info.code == SignalCode::Kernel && arrived.path == SignalPath::Direct;
}

}  // namespace

bool ends_run(Signal signal) {
    return signal == sighup || signal == sigint || signal == sigquit || signal == sigterm;
}

SignalMeaning SignalIntake::decide(const ArrivedSignal& arrived, Millis now) {
    const Signal signal = arrived.info.signal;
    // We lead the group, so what we send to it comes back: passed on again, one SIGUSR1 would go round for ever.
    const bool echo = arrived.info.sender == self_ && arrived.path == SignalPath::Direct;
    // SIGPIPE is about our own writing, SIGCHLD about our own children.
    if (echo || signal == sigchld || signal == sigpipe) {
        return meaning::Nothing{};
    }
    if (signal == sigcont) {
        return meaning::Continue{};
    }
    const bool has_reached_group = arrived.path == SignalPath::Direct;
    if (has_reached_group && is_terminal_access_stop(signal)) {
        return meaning::WantsTerminal{signal};
    }
    if (signal == sigtstp) {
        return meaning::StopJob{};
    }
    if (ends_run(signal) && arrived.callers == Disposition::Default) {
        return end_run(arrived, now);
    }
    if (is_from_terminal(arrived)) {
        return meaning::TestHasIt{};
    }
    return meaning::PassOn{rewritten(signal), arrived.info.sender};
}

SignalMeaning SignalIntake::end_run(const ArrivedSignal& arrived, Millis now) {
    const Signal signal = is_from_terminal(arrived) ? arrived.info.signal : rewritten(arrived.info.signal);
    const Reach reach = is_from_terminal(arrived) ? Reach::Group : Reach::OnlyUs;
    if (!first_) {
        first_ = Request{arrived.info, arrived.path, now};
        passed_on_.insert(signal);
        return meaning::EndRun{arrived.info.signal, reach == Reach::OnlyUs ? std::optional(signal) : std::nullopt,
                               reach, arrived.info.sender};
    }
    if (now - first_->at <= same_request) {
        const bool by_the_other_path = arrived.info == first_->info && arrived.path != first_->path;
        const bool is_new = passed_on_.insert(signal).second && reach == Reach::OnlyUs;
        return meaning::SameRequest{is_new ? std::optional(signal) : std::nullopt,
                                    by_the_other_path ? Reach::All : reach, arrived.info.sender};
    }
    // A closing terminal hangs up twice: the kernel signals our group, the shell its job.
    if (arrived.info.signal == sighup && first_->info.signal == sighup) {
        return meaning::SameRequest{std::nullopt, reach, arrived.info.sender};
    }
    return meaning::EndNow{};
}

bool SignalIntake::is_for_callers_group_too(const ArrivedSignal& arrived, TerminalOwner terminal) {
    const Signal signal = arrived.info.signal;
    const bool typed = signal == sigint || signal == sigquit || signal == sigtstp;
    return typed && is_from_terminal(arrived) && terminal == TerminalOwner::Run;
}

Signal SignalIntake::rewritten(Signal signal) const {
    const auto found = config_.rewrite.find(signal);
    return found == config_.rewrite.end() ? signal : found->second;
}

}  // namespace vlmshim
