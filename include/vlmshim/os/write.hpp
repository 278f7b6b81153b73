// All of a text to a descriptor that others share with us: by an Outlet, since nothing could end a write(2) that waits,
// all signals being blocked.
#pragma once

#include <string_view>
#include <system_error>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/reader_wait.hpp"

namespace vlmshim::os {

/// All of it, for as long as `reader` lasts; then NotWritten::GivenUp.
std::error_code write_all(int descriptor, std::string_view text, ReaderWait& reader);

/// A descriptor of ours, closed on exec, for what the caller has given us under this number: with its offset, so that
/// it is written where it stands. EBADF: the caller has not given it, or not for writing.
Fd share_for_writing(int descriptor, const Inheritance& callers, std::error_code& error);

}  // namespace vlmshim::os
