// When a starting server is probed again.
#pragma once

#include <algorithm>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Whether the server logs each probe: one that has answered over HTTP may.
enum class Logs { No, Yes };

/// The pause after an unsuccessful probe: 5 ms at first, then about 2 % of the time waited so far, at most 250 ms. So
/// readiness is noticed within 2 % or 10 ms, the probe itself included, and a model that loads for minutes has few
/// probes to answer. A server's log stays readable: no more than ten lines a second.
constexpr Millis next_probe_delay(Millis waited, Logs logs) {
    constexpr Millis longest{250};
    const Millis shortest{logs == Logs::Yes ? 100 : 5};
    return std::clamp(waited / 50, shortest, longest);
}

}  // namespace vlmshim
