// Limits of this process and its user, getrlimit(2).
#pragma once

#include <optional>

#include "vlmshim/core/report/check_text.hpp"

namespace vlmshim::os {

/// RLIMIT_NPROC and how much of it is used. nullopt: no limit, or none for this process (root). Reads all of /proc.
std::optional<ProcessRoom> process_room();

}  // namespace vlmshim::os
