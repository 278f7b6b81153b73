// Limits of this process and its user, getrlimit(2).
#pragma once

#include <cstdint>
#include <optional>

#include "vlmshim/core/report/check_text.hpp"

namespace vlmshim::os {

/// RLIMIT_NPROC and how much of it is used. nullopt: no limit, or none for this process (root). Reads all of /proc.
std::optional<ProcessRoom> process_room();

/// RLIMIT_NOFILE, and RLIMIT_NPROC: the soft ones. nullopt: no limit.
std::optional<std::uint64_t> open_files_limit();
std::optional<std::uint64_t> processes_limit();

}  // namespace vlmshim::os
