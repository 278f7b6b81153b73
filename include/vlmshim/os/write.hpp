// Writing a whole text to a descriptor that we share with other processes. Through an Outlet: with all signals blocked,
// nothing could interrupt a write(2) that waits.
#pragma once

#include <string_view>
#include <system_error>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/reader_wait.hpp"

namespace vlmshim::os {

/// Waits with `reader`. NotWritten::GivenUp: `reader` gave up.
std::error_code write_all(int descriptor, std::string_view text, ReaderWait& reader);

/// A duplicate, closed on exec, of a descriptor that we inherited, so with its file offset. EBADF: we did not inherit
/// it, or it is not open for writing.
Fd share_for_writing(int descriptor, const Inheritance& callers, std::error_code& error);

}  // namespace vlmshim::os
