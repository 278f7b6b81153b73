// Readiness probes over the network: connect, for http send a request, read the answer to its end, close.
#pragma once

#include "vlmshim/loop/loop.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim::loop {

/// Makes probes that call back as soon as the status is known, however long that takes. The rest of the answer is read
/// after that, for a moment, so that no server is cut off while it writes. `loop` outlives the probes and the
/// connections that they leave behind, which are closed with the last copy of the function and the last probe.
AskNetwork ask_network(Loop& loop);

}  // namespace vlmshim::loop
