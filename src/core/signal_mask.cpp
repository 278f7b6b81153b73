#include "vlmshim/core/signal_mask.hpp"

#include <array>

#include "vlmshim/core/signal_numbers.hpp"

namespace vlmshim {

namespace {

constexpr SignalMask bit(Signal signal) {
    return SignalMask{1} << static_cast<unsigned>(signal.number - 1);
}

}  // namespace

bool contains(SignalMask mask, Signal signal) {
    return signal.number >= 1 && signal.number <= 64 && (mask & bit(signal)) != 0;
}

bool ends_run(Signal signal) {
    return signal == sighup || signal == sigint || signal == sigquit || signal == sigterm;
}

SignalMask straight_to_test(const SignalsConfig& signals) {
    if (signals.forward != Forward::Test) {
        return 0;
    }
    constexpr std::array thought_about{sighup,  sigint,  sigquit, sigterm, sigkill, sigstop,
                                       sigchld, sigcont, sigtstp, sigttin, sigttou, sigpipe};
    SignalMask mask = ~SignalMask{0};
    for (const Signal signal : thought_about) {
        mask &= ~bit(signal);
    }
    for (const auto& [from, to] : signals.rewrite) {
        mask &= ~bit(from);
    }
    return mask;
}

}  // namespace vlmshim
