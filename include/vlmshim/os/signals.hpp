// Signals: blocked for good, read from a signalfd.
#pragma once

#include <signal.h>

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// What a bare run of the test would inherit, signal(7).
struct InheritedSignals {
    sigset_t mask{};
    bool child_ignored = false;  // SIGCHLD was SIG_IGN: exit statuses would be lost
    sigset_t ignored{};          // those of HUP, INT, QUIT, TERM and CHLD that were SIG_IGN (nohup)
};

/// Whether the caller ignored it; only known of HUP, INT, QUIT, TERM and CHLD.
bool is_ignored(const InheritedSignals& inherited, Signal signal);

/// Whether this process ignores it, sigaction(2); of any signal.
bool is_ignored_now(Signal signal);

/// Blocks every signal, and ends a SIG_IGN of SIGCHLD, which loses exit statuses. To be called first in main: from then
/// on no signal is lost.
InheritedSignals block_all_signals();

/// In the child, between fork and exec; async-signal-safe.
void restore_signals(const InheritedSignals& inherited);

/// After restore_signals: a reader that has closed a pipe does not end this process, but makes write(2) fail with
/// EPIPE.
void block_sigpipe();

/// A signalfd(2) of all signals but KILL and STOP, which cannot be caught.
Fd open_signal_descriptor(std::error_code& error);
/// A signalfd(2) of these only; other signals stay pending.
Fd open_signal_descriptor(const std::vector<Signal>& signals, std::error_code& error);

/// All that are pending; empty: none.
std::vector<SignalInfo> read_signals(int descriptor);

/// Whether HUP, INT, QUIT or TERM is blocked and pending, sigpending(2).
bool termination_is_pending();

/// Ends this process by the signal that ended the test, without a core file. Returns as PID 1, or where the signal does
/// not kill: then exit with 128 + N.
void die_by(Signal signal);

/// Stops this process by the signal that stopped the test (STOP, TSTP, TTIN, TTOU); returns when it is continued. In an
/// orphaned group, setpgid(2), where the kernel ignores the signal, by SIGSTOP.
void stop_by(Signal signal);

}  // namespace vlmshim::os
