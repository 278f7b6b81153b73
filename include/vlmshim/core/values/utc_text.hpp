// Points in time for machines.
#pragma once

#include <string>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "2026-11-24T15:09:29.042Z" (RFC 3339) of a time since the Unix epoch, which is not before it.
std::string utc_text(Millis since_epoch);

}  // namespace vlmshim
