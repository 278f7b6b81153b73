// The numbers that decide when a run acts, waits or gives up, as far as they cannot be configured. The pauses between
// probes are in probe_schedule.hpp.
#pragma once

#include <cstddef>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

// --- signals

/// Counted from the first signal that ends the run: a signal that arrives within it is the same request. timeout(1)
/// signals its child and then its group, npm repeats the terminal's ^C, a CI agent signals every process.
inline constexpr Millis same_request{500};
/// After a typed ^Z: a test that has not stopped by then ignores it.
inline constexpr Millis time_to_stop{200};
/// When the socket from keeper to supervisor is full, until the keeper tries again.
inline constexpr Millis link_try_again{5};
/// When a process waits for the terminal and a run below ours has it, until that is passed on again: twice as long each
/// time.
inline constexpr Millis terminal_ask_again{5};
inline constexpr Millis terminal_ask_longest{1'000};
/// A shell has to see that the stopped processes of its job were continued before it sees our end, or it takes the job
/// for stopped.
inline constexpr Millis shell_sees_turn{100};

// --- the end of processes

/// The kernel ends a process within microseconds. The next round is for what was forked meanwhile.
inline constexpr Millis kill_round_pause{5};
/// Walks over a tree of which orphans become our children meanwhile.
inline constexpr int most_looks_at_all = 8;
/// Looks at what was forked during the look before, which took some ten microseconds: on a busy machine a few are
/// enough.
inline constexpr int most_searches = 100;
/// Rounds that follow each other at once while new processes turn up.
inline constexpr int most_rounds_at_once = 200;
/// Counted from the last process that ended. Test grace + server grace + this stays under the ten seconds that
/// `docker stop` allows.
inline constexpr Millis kill_give_up{1'500};
/// A killed process needs a processor to exit, and on a busy machine it may not get one for seconds.
inline constexpr int most_waits_for_dying = 8;
/// After SIGKILL to keeper or supervisor: long enough for a server that ends at its stop signal, short enough for a
/// caller who believes that all is over.
inline constexpr Millis abandoned_grace{300};
/// Of a keeper without a signalfd(2): until it looks again whether the supervisor has ended.
inline constexpr Millis supervisor_look_again{50};
/// No signal arrives when a child of another process ends.
inline constexpr Millis search_again{20};
/// After an error of waitid(2) that should not occur.
inline constexpr Millis reap_again{5};

// --- ports

inline constexpr Millis port_poll_pause{5};
/// A process that exits closes its descriptors a moment before its sockets disappear, and a vlmshim that was killed
/// takes a moment to exit: so many looks at a listener without an owner, or of another run that is alive.
inline constexpr int most_settling_looks = 20;
/// After so many listeners that have to stay, no more are looked at: another user can have tens of thousands, at as
/// many addresses.
inline constexpr std::size_t enough_refusals = 8;
/// A look at so many listeners counts as several, since it takes as long.
inline constexpr std::size_t crowd_of_listeners = 500;
inline constexpr int looks_that_a_crowd_takes = 5;
/// A server that loses more chosen ports to other processes does not do so by chance.
inline constexpr int most_ports_lost = 3;
/// A service manager may start again what --free has ended: that is ended once more, and then reported.
inline constexpr int most_free_rounds = 2;
/// A reused server of which no process is visible: it is just ending, or it never will be visible.
inline constexpr Millis unseen_owner_pause{20};
inline constexpr int most_unseen_owners = 20;
/// A server that its launcher (nodemon) starts again listens after a moment.
inline constexpr Millis listens_again_pause{500};

// --- readiness

/// A probe without an answer for so long gets another one beside it: a connection may be lost, and an answer may take
/// long. A server that answers one after the other has to get through all that wait.
inline constexpr Millis probe_silence{5'000};
inline constexpr std::size_t most_probes_at_once = 3;
/// A connection to a loopback address takes longer only if the listener's queue is full.
inline constexpr Millis probe_connect_limit{5'000};
/// For the rest of an answer whose status is known: a stream has no end.
inline constexpr Millis probe_body_limit{1'000};
/// For an answer that is not needed any more.
inline constexpr Millis probe_abandoned_limit{10'000};
/// A server that closes after its answer does so at once.
inline constexpr Millis probe_close_limit{20};
/// A probe command that hangs is ended and started again, each time after twice as long.
inline constexpr Millis probe_command_limit{10'000};
/// Until it is looked where a server listens that is not ready: the first pause, and the longest.
inline constexpr Millis ready_hint_first{300};
inline constexpr Millis ready_hint_longest{1'000};
/// For hints about conditions that may still change by themselves.
inline constexpr Millis ready_hint_late{10'000};
/// When a process ends while its chain of parents is read, the listener looks foreign for a moment.
inline constexpr int convincing_foreign_answers = 3;

// --- what is shown

/// From the test's stop signal until the user reads what is waited for.
inline constexpr Millis test_hint{1'000};

/// From the first byte of a line without an end until it is shown as it is.
inline constexpr Millis open_line_limit{1'000};

/// At the end of a run, without progress, for lines that are not read.
inline constexpr Millis unread_limit{2'000};
/// The same where seconds count: as PID 1 after a signal, since `docker stop` kills after ten, and after the death of
/// the keeper.
inline constexpr Millis short_unread_limit{500};
/// poll(2) may report a terminal as writable that has not room enough, or not report one that has.
inline constexpr Millis room_look_again{50};
inline constexpr Millis rest_look_again{10};

inline constexpr Millis live_line_every{100};
inline constexpr Millis plain_line_every{10'000};

}  // namespace vlmshim
