// Writing to descriptors that others share with us: never waiting within a write(2), which nothing could end, since all
// signals are blocked; and never setting O_NONBLOCK, which would be set for everybody.
#pragma once

#include <string_view>
#include <system_error>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/patience.hpp"

namespace vlmshim::os {

struct WrittenNow {
    std::size_t bytes = 0;  // 0 without an error: there is no room at the moment
    std::error_code error;
};
/// As much of it as fits now. To a regular file all of it, where the description stands.
WrittenNow write_now(int descriptor, std::string_view text);

/// All of it, for as long as `patience` lasts; then NotWritten::GivenUp.
std::error_code write_all(int descriptor, std::string_view text, Patience& patience);

/// A descriptor of ours, closed on exec, for what the caller has given us under this number: with its offset, so that
/// it is written where it stands. EBADF: the caller has not given it, or not for writing.
Fd share_for_writing(int descriptor, const Inheritance& callers, std::error_code& error);
/// The same for write_now: a terminal is opened anew, so that it can be written to without waiting.
Fd duplicate_for_writing(int descriptor, const Inheritance& callers, std::error_code& error);

}  // namespace vlmshim::os
