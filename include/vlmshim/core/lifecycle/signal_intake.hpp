// What a signal means for the run: the first that ends it, the same request once more, "now", or only the test's. This
// is decided here and nowhere else.
#pragma once

#include <optional>
#include <set>
#include <variant>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class SignalPath {
    Direct,   // to the supervisor
    Relayed,  // to the keeper, which passed it on
};

/// What the caller has set for the signal: nohup(1) ignores SIGHUP.
enum class Disposition { Default, Ignored };

struct ArrivedSignal {
    SignalInfo info;
    SignalPath path = SignalPath::Direct;
    Disposition callers = Disposition::Default;
};

/// Whose group has the terminal's foreground, and gets its signals.
enum class TerminalOwner { Caller, Run };

/// Which other processes a signal that we got has reached as well.
enum class Reach {
    OnlyUs,  // none
    Group,   // the kernel sent it to our process group: test and servers
    All      // one sender has signalled keeper and supervisor, so every other process too
};

namespace meaning {
/// Our own echo, or a signal that does not concern the run.
struct Nothing {};
/// The test has got it as well, and it is only for the test.
struct TestHasIt {};
/// The first that ends the run.
struct EndRun {
    Signal signal;                  // before `rewrite`
    std::optional<Signal> pass_on;  // what the test is to get, after `rewrite`; nullopt: it has got the signal
    Reach reach;
    Pid sender{};  // 0: the kernel, or outside our PID namespace
};
/// The same request once more, by another path or sender.
struct SameRequest {
    std::optional<Signal> pass_on;  // nullopt: the test has got it
    Reach reach;
    Pid sender{};
};
/// A second request: everything is to end now.
struct EndNow {};
/// For the test.
struct PassOn {
    Signal signal;
    Pid sender;
};
/// A member of the group wants to use the terminal.
struct WantsTerminal {
    Signal signal;  // TTIN or TTOU
};
/// SIGTSTP: the whole run stops, timers included. Our group has got it already, as with ^Z, unless it was relayed.
struct StopJob {};
/// SIGCONT.
struct Continue {};
}  // namespace meaning

using SignalMeaning =
    std::variant<meaning::Nothing, meaning::TestHasIt, meaning::EndRun, meaning::SameRequest, meaning::EndNow,
                 meaning::PassOn, meaning::WantsTerminal, meaning::StopJob, meaning::Continue>;

/// INT, TERM, HUP, QUIT.
bool ends_run(Signal signal);

class SignalIntake {
public:
    /// `self`: this process, which gets back what it sends to its group.
    SignalIntake(SignalsConfig config, Pid self) : config_(std::move(config)), self_(self) {}

    /// `now` is of a clock that never jumps.
    SignalMeaning decide(const ArrivedSignal& arrived, Millis now);
    /// The first that ends the run has arrived; once same_request has passed, another one means "now".
    bool was_asked_to_end() const { return first_.has_value(); }

    /// The terminal sent it to our group only, but without vlmshim a script or pipeline around us would have got it,
    /// too.
    static bool is_for_callers_group_too(const ArrivedSignal& arrived, TerminalOwner terminal);

private:
    struct Request {
        SignalInfo info;
        SignalPath path;
        Millis at;
    };

    SignalMeaning end_run(const ArrivedSignal& arrived, Millis now);
    Signal rewritten(Signal signal) const;

    SignalsConfig config_;
    Pid self_;
    std::optional<Request> first_;
    std::set<Signal> passed_on_;
};

}  // namespace vlmshim
