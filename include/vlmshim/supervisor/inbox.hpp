// The signals to this process: reads them, and finds what each means.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

class Inbox {
public:
    struct Hooks {
        /// Children may have ended or stopped.
        std::function<void()> children_changed;
        std::function<TerminalOwner()> terminal_owner;
        /// The caller's group is to get the signal, too.
        std::function<void(Signal)> share;
        std::function<void(const ArrivedSignal&, const SignalMeaning&)> arrived;
    };

    /// The loop outlives it. Throws std::system_error when the kernel refuses a signalfd(2).
    Inbox(loop::Loop& loop, const SignalsConfig& config, const os::InheritedSignals& inherited, Hooks hooks);

    /// One that reached the keeper.
    void take_relayed(const SignalInfo& info) { take(info, SignalPath::Relayed); }
    /// After the loop: whether a signal that has arrived since, `relayed` included, asks for the end.
    bool asks_for_end(const std::vector<SignalInfo>& relayed);
    int descriptor() const { return descriptor_.get(); }
    /// Without a signal.
    void look_at_children_after(Millis time) { look_again_.start(time); }

    /// A signal that ends the run has arrived: the next one is a second request.
    bool was_asked_to_end() const { return intake_.was_asked_to_end(); }

private:
    void read();
    void take(const SignalInfo& info, SignalPath path);
    ArrivedSignal with_disposition(const SignalInfo& info, SignalPath path) const;

    loop::Loop& loop_;
    os::InheritedSignals inherited_;
    SignalIntake intake_;
    Hooks hooks_;
    os::Fd descriptor_;
    std::unique_ptr<loop::ReadableWatcher> watcher_;
    loop::Timer look_again_;
};

}  // namespace vlmshim
