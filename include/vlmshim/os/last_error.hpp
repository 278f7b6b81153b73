// errno as a value.
#pragma once

#include <cerrno>
#include <system_error>

namespace vlmshim::os {

/// Of the system call that has just failed.
inline std::error_code last_error() {
    return {errno, std::system_category()};
}

}  // namespace vlmshim::os
