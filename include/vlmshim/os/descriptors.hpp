// The descriptors that we inherited: kept for the test, hidden from all other processes.
#pragma once

#include <array>
#include <vector>

namespace vlmshim::os {

/// Which of 0, 1, 2 the caller had closed.
using ClosedStdio = std::array<bool, 3>;

/// Opens a placeholder (reads and writes fail with EBADF) on each closed one of 0-2, so that open(2) gives none of them
/// to us. To be called before anything is opened.
ClosedStdio fill_closed_stdio();

/// The open descriptors from 3 on; at process start those that a bare run of the test would inherit. From
/// /proc/self/fd, else by fcntl(2) on each below 4096.
std::vector<int> inherited_descriptors();

/// Closes them in this process, which would keep a socket or pipe of another process open.
void close_all(const std::vector<int>& descriptors);

/// Closes all from this number on, close_range(2).
void close_from(int first);

}  // namespace vlmshim::os
