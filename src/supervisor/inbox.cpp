#include "vlmshim/supervisor/inbox.hpp"

#include <system_error>

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/own_process.hpp"

namespace vlmshim {

Inbox::Inbox(loop::Loop& loop, const SignalsConfig& config, const os::InheritedSignals& inherited, Hooks hooks)
    : loop_(loop),
      inherited_(inherited),
      intake_(config, os::own_pid()),
      hooks_(std::move(hooks)),
      look_again_(loop, [this] { hooks_.children_changed(); }) {
    std::error_code error;
    descriptor_ = os::open_signal_descriptor(error);
    if (error) {
        throw std::system_error(error, "signalfd");
    }
    watcher_ = std::make_unique<loop::ReadableWatcher>(loop_, descriptor_.get(), [this] { read(); });
}

void Inbox::read() {
    bool child_changed = false;
    for (const SignalInfo& info : os::read_signals(descriptor_.get())) {
        if (info.signal == sigchld) {
            child_changed = true;
        } else {
            take(info, SignalPath::Direct);
        }
    }
    if (child_changed) {
        hooks_.children_changed();
    }
}

ArrivedSignal Inbox::with_disposition(const SignalInfo& info, SignalPath path) const {
    return {info, path, os::is_ignored(inherited_, info.signal) ? Disposition::Ignored : Disposition::Default};
}

void Inbox::take(const SignalInfo& info, SignalPath path) {
    const ArrivedSignal signal = with_disposition(info, path);
    if (SignalIntake::is_for_callers_group_too(signal, hooks_.terminal_owner())) {
        hooks_.share(info.signal);
    }
    hooks_.arrived(signal, intake_.decide(signal, loop_.now()));
}

bool Inbox::asks_for_end(const std::vector<SignalInfo>& relayed) {
    const auto asks = [this](const SignalInfo& info, SignalPath path) {
        const SignalMeaning meaning = intake_.decide(with_disposition(info, path), loop_.now());
        return std::holds_alternative<meaning::EndRun>(meaning) || std::holds_alternative<meaning::EndNow>(meaning);
    };
    bool found = false;
    for (const SignalInfo& info : os::read_signals(descriptor_.get())) {
        found = asks(info, SignalPath::Direct) || found;
    }
    for (const SignalInfo& info : relayed) {
        found = asks(info, SignalPath::Relayed) || found;
    }
    return found;
}

}  // namespace vlmshim
