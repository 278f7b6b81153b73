#include "vlmshim/supervisor/inbox.hpp"

#include <system_error>

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/process.hpp"

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

void Inbox::take(const SignalInfo& info, SignalPath path) {
    const auto callers = os::is_ignored(inherited_, info.signal) ? Disposition::Ignored : Disposition::Default;
    const ArrivedSignal arrived{info, path, callers};
    if (SignalIntake::is_for_callers_group_too(arrived, hooks_.terminal_owner())) {
        hooks_.share(info.signal);
    }
    hooks_.arrived(arrived, intake_.decide(arrived, loop_.now()));
}

}  // namespace vlmshim
