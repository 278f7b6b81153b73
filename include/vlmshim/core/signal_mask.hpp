// A set of signals as a value, and which of them need nobody's thought on their way to the test.
#pragma once

#include <cstdint>

#include "vlmshim/core/config.hpp"

namespace vlmshim {

/// Bit N - 1 stands for signal N, as in /proc/PID/status, proc(5).
using SignalMask = std::uint64_t;

bool contains(SignalMask mask, Signal signal);

/// INT, TERM, HUP, QUIT: asked for from outside, each of them ends the run.
bool ends_run(Signal signal);

/// Those that go to the test as they came, whatever the run is doing: no phase, clock, server or terminal depends on
/// them. USR1, USR2, WINCH, ALRM, real-time signals and the like, unless they are rewritten or go to the group. They
/// may overtake one that the run depends on; among pending signals there is no order anyway, signal(7).
SignalMask straight_to_test(const SignalsConfig& signals);

}  // namespace vlmshim
