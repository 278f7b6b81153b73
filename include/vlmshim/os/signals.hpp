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

/// What a bare run of the test would have inherited, signal(7).
struct InheritedSignals {
    sigset_t mask{};
    bool child_ignored = false;  // SIGCHLD was SIG_IGN: exit statuses would be lost
    sigset_t ignored{};          // those of HUP, INT, QUIT, TERM, CHLD that were (nohup)
};

/// Whether the caller had ignored it; only known of HUP, INT, QUIT, TERM and CHLD.
bool is_ignored(const InheritedSignals& inherited, Signal signal);

/// In this process as it is, of any signal.
bool is_ignored_now(Signal signal);

/// Blocks every signal and makes SIGCHLD deliver statuses again. The first thing that main does:
/// from here on no signal is lost.
InheritedSignals block_all_signals();

/// For the child, between fork and exec; async-signal-safe.
void restore_signals(const InheritedSignals& inherited);

/// For a process that has restored its signals: nobody who stops reading ends it, writing fails with EPIPE.
void block_sigpipe();

/// A signalfd(2) of all signals but KILL and STOP, which nobody can catch.
Fd open_signal_descriptor(std::error_code& error);
/// Of these alone; what else comes waits for another descriptor.
Fd open_signal_descriptor(const std::vector<Signal>& signals, std::error_code& error);

/// Everything that is pending; empty when nothing is.
std::vector<SignalInfo> read_signals(int descriptor);

/// Whether HUP, INT, QUIT or TERM waits, blocked, for who reads it.
bool is_told_to_end();

/// Ends this process the way the test ended, without a core file. As PID 1, or where the signal
/// does not kill, returns: the caller exits with 128 + N.
void die_of(Signal signal);

/// Stops this process the way the test was stopped (STOP, TSTP, TTIN, TTOU); returns when it is continued. Where the
/// kernel ignores that signal, in an orphaned group, setpgid(2), it is SIGSTOP instead.
void stop_of(Signal signal);

}  // namespace vlmshim::os
