// When to ask a starting server again.
#pragma once

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// The pause after an unsuccessful probe: 5 ms at first, then about 2 % of the time waited so
/// far, at most 250 ms. So readiness is noticed within 2 % or 10 ms, the probe itself included, and
/// a model that loads for minutes is not pestered.
constexpr Millis next_probe_delay(Millis waited) {
    constexpr Millis shortest{5};
    constexpr Millis longest{250};
    const Millis share = waited / 50;
    return share < shortest ? shortest : (share > longest ? longest : share);
}

}  // namespace vlmshim
