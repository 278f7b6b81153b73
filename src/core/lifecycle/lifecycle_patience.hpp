// How long the lifecycle waits where nobody configures it.
#pragma once

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

// A kill needs no patience: the kernel ends a process within microseconds. The next round is for
// what was forked meanwhile.
inline constexpr Millis kill_round_pause{5};
// Counted from the last process that went. Test grace + server grace + this stays under the ten
// seconds that `docker stop` allows.
inline constexpr Millis kill_give_up{1'500};
inline constexpr Millis port_poll_pause{5};

}  // namespace vlmshim
