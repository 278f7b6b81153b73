// NotWritten as a std::error_code, beside those of errno.
#pragma once

#include <system_error>

#include "vlmshim/core/values/written_file.hpp"

namespace vlmshim {

/// The message is to follow "cannot be written: ".
std::error_code make_error_code(NotWritten why);

}  // namespace vlmshim

template <>
struct std::is_error_code_enum<vlmshim::NotWritten> : std::true_type {};
