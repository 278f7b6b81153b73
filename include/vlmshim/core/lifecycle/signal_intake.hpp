// What a signal means for the run: the first that ends it, the same request told once more, "now", or only the
// test's. The only place that decides so.
#pragma once

#include <optional>
#include <set>
#include <variant>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class SignalPath {
    Direct,   // the supervisor got it
    Relayed,  // the keeper got it and passed it on
};

/// What the caller has set for the signal: nohup(1) ignores SIGHUP.
enum class Disposition { Default, Ignored };

struct ArrivedSignal {
    SignalInfo info;
    SignalPath path = SignalPath::Direct;
    Disposition callers = Disposition::Default;
};

/// Whether the terminal's signals come to our group instead of the caller's.
enum class TerminalOwner { Caller, Run };

/// Which other processes a signal that we got has reached as well.
enum class Reach {
    OnlyUs,  // none
    Group,   // the kernel sent it to our process group: test and servers
    All      // one sender has signalled keeper and supervisor, so every other process too
};

namespace meaning {
/// Our own echo, or no concern of the run's.
struct Nothing {};
/// The test has got it, too, and nobody else is concerned.
struct TestHasIt {};
/// The first that ends the run.
struct EndRun {
    Signal signal;                  // as it came
    std::optional<Signal> pass_on;  // as the test gets it, rewritten; nullopt: it has got it
    Reach reach;
    Pid sender{};  // 0: the kernel, or outside our PID namespace
};
/// The same request told another way. `pass_on`: a signal that the test has not got yet.
struct SameRequest {
    std::optional<Signal> pass_on;
    Reach reach;
    Pid sender{};
};
/// A second request: whoever sends it has waited long enough.
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
/// SIGTSTP: everything stops, and all clocks. Our group has got it already, as with ^Z, unless it was relayed.
struct StopJob {};
/// SIGCONT.
struct Continue {};
}  // namespace meaning

using SignalMeaning =
    std::variant<meaning::Nothing, meaning::TestHasIt, meaning::EndRun, meaning::SameRequest, meaning::EndNow,
                 meaning::PassOn, meaning::WantsTerminal, meaning::StopJob, meaning::Continue>;

/// INT, TERM, HUP, QUIT: asked for from outside, each of them ends the run.
bool ends_run(Signal signal);

class SignalIntake {
public:
    /// `self` is this process: what it sends to its group comes back to it.
    SignalIntake(SignalsConfig config, Pid self) : config_(std::move(config)), self_(self) {}

    /// `now` is of a clock that never jumps.
    SignalMeaning decide(const ArrivedSignal& arrived, Millis now);
    /// The first that ends the run has come; after a moment (same_request) another one means "now".
    bool was_asked_to_end() const { return first_.has_value(); }

    /// The terminal has given to our group what in a bare run a script or pipeline around us would have shared.
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
