// Limits of this process and its user, getrlimit(2).
#pragma once

#include <optional>

#include "vlmshim/core/report/check_text.hpp"

namespace vlmshim::os {

/// nullopt: there is none, or it does not count for this process (root). Takes one pass over /proc.
std::optional<ProcessRoom> process_room();

}  // namespace vlmshim::os
