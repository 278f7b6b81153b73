// The descriptors that the caller left us: kept for the test, hidden from everything else.
#pragma once

#include <array>
#include <vector>

namespace vlmshim::os {

/// Which of 0, 1, 2 the caller had closed.
using ClosedStdio = std::array<bool, 3>;

/// Puts an unusable placeholder (reads and writes fail with EBADF) on every closed one of 0-2, so
/// that no descriptor of ours lands there. To be called before anything is opened.
ClosedStdio fill_closed_stdio();

/// The open descriptors from 3 on. At process start these are exactly what a bare run of the test
/// would inherit. From /proc/self/fd, else by asking for each up to 4096.
std::vector<int> inherited_descriptors();

/// Closes them in this process, so that we do not keep somebody's socket or pipe open.
void close_all(const std::vector<int>& descriptors);

/// Closes all that are open from this number on, close_range(2).
void close_from(int first);

}  // namespace vlmshim::os
