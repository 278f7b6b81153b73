// Points in time, machine-readable.
#pragma once

#include <string>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "2026-11-24T15:09:29.042Z" (RFC 3339). `since_epoch`: since the Unix epoch, not negative.
std::string utc_text(Millis since_epoch);

}  // namespace vlmshim
