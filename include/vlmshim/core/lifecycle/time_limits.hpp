// The numbers that decide when a run acts, waits or gives up, where nobody configures them. When a probe asks again
// says probe_schedule.hpp.
#pragma once

#include <cstddef>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

// --- signals

/// Counted from the first signal that ends the run: what arrives in it is the same request, told another way.
/// timeout(1) signals its child and then its group, npm repeats the terminal's ^C, a CI agent signals every process.
inline constexpr Millis same_request{500};
/// After a typed ^Z: a test that has not stopped by then ignores it.
inline constexpr Millis time_to_stop{200};
/// A keeper that found no room on the link tries again.
inline constexpr Millis link_try_again{5};
/// Who waits for the terminal while a run below ours has it is told of again after this, twice as long each time.
inline constexpr Millis terminal_ask_again{5};
inline constexpr Millis terminal_ask_at_least{1'000};
/// A shell has to see that who had stopped in its job goes on before it sees our end: else it takes the job for
/// stopped.
inline constexpr Millis shell_sees_turn{100};

// --- the end of processes

/// The kernel ends a process within microseconds. The next round is for what was forked meanwhile.
inline constexpr Millis kill_round_pause{5};
/// Looks at a tree in which orphans come to us while it is walked.
inline constexpr int most_looks_at_all = 8;
/// Looks through all processes that find nobody of the run, while others are forked.
inline constexpr int most_searches = 4;
/// Rounds that follow each other at once while new processes turn up.
inline constexpr int most_rounds_at_once = 200;
/// Counted from the last process that ended. Test grace + server grace + this stays under the ten
/// seconds that `docker stop` allows.
inline constexpr Millis kill_give_up{1'500};
/// A killed process needs a processor to go, and on a busy machine it may not get one for seconds.
inline constexpr int most_waits_for_dying = 8;
/// After SIGKILL to keeper or supervisor: long enough for a server that ends when it is asked, short enough
/// for a caller who believes that all is over.
inline constexpr Millis abandoned_grace{300};
/// A keeper without a signalfd(2) looks so often whether the supervisor has ended.
inline constexpr Millis supervisor_look_again{50};
/// Nobody tells us when somebody else's child ends.
inline constexpr Millis search_again{20};
/// After an error of waitid(2) that should not be.
inline constexpr Millis reap_again{5};

// --- ports

inline constexpr Millis port_poll_pause{5};
/// A process that ends has closed its descriptors a moment before its sockets are gone, and a vlmshim that was killed
/// takes a moment to die: so many looks at a listener without an owner, or of another run that lives.
inline constexpr int most_settling_looks = 20;
/// With as many that listen and have to stay the answer is known: another user can have tens of thousands, at as many
/// addresses.
inline constexpr std::size_t enough_refusals = 8;
/// A look at as many listeners takes as long as so many looks at a few.
inline constexpr std::size_t crowd_of_listeners = 500;
inline constexpr int looks_that_a_crowd_takes = 5;
/// With as many chosen ports lost to others, it is not by chance.
inline constexpr int most_ports_lost = 3;
/// Whoever is started again by a service manager is ended twice by --free; a third time would go on for ever.
inline constexpr int most_free_rounds = 2;
/// A reused server of which no process can be seen: it is just ending, or never to be seen.
inline constexpr Millis unseen_owner_pause{20};
inline constexpr int most_unseen_owners = 20;
/// A server that is started anew by its launcher (nodemon) listens again after a moment.
inline constexpr Millis listens_again_pause{500};

// --- readiness

/// A server that has not answered after this is asked once more beside: a line may be lost, and an answer may take
/// its time. At most so many wait at once: a server that answers one after the other has to get through them.
inline constexpr Millis probe_silence{5'000};
inline constexpr std::size_t most_probes_at_once = 3;
/// A connection to a loopback address that takes longer meets a full queue.
inline constexpr Millis probe_connect_limit{5'000};
/// For the rest of an answer whose status is known: one that is a stream has no end.
inline constexpr Millis probe_body_limit{1'000};
/// For an answer that nobody waits for any more.
inline constexpr Millis probe_abandoned_limit{10'000};
/// A server that closes after its answer does so at once.
inline constexpr Millis probe_close_limit{20};
/// A command that asks and hangs is ended and asked again, each time after twice as long.
inline constexpr Millis probe_command_limit{10'000};
/// How soon it is looked where a server listens that is not ready, and how seldom in the end.
inline constexpr Millis ready_hint_first{300};
inline constexpr Millis ready_hint_longest{1'000};
/// What may still come right by itself is told after this.
inline constexpr Millis ready_hint_late{10'000};
/// A parent that ends while its chain is read looks foreign for a moment.
inline constexpr int convincing_foreign_answers = 3;

// --- what is shown

/// A test that was told to stop and has not: then the user is told what is waited for.
inline constexpr Millis test_hint{1'000};

/// From the first byte of a line that a server has not ended yet until it is shown as it is.
inline constexpr Millis open_line_limit{1'000};

/// When all is over, so long without any progress for lines that nobody reads.
inline constexpr Millis unread_limit{2'000};
/// The same where seconds count: as PID 1 after a signal, since `docker stop` kills after ten, and where the keeper was
/// killed.
inline constexpr Millis short_unread_limit{500};
/// A terminal tells that it has room for less than it needs, or does not tell that it has some.
inline constexpr Millis room_look_again{50};
inline constexpr Millis rest_look_again{10};

inline constexpr Millis live_line_every{100};
inline constexpr Millis plain_line_every{10'000};

}  // namespace vlmshim
