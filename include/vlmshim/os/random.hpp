// Names that no one can guess.
#pragma once

#include <cstddef>
#include <string>

namespace vlmshim::os {

/// Hex digits, two for each random byte, getrandom(2). Never waits: early in a boot, before the kernel has gathered
/// randomness, the bytes are those of /dev/urandom, random(4), else the time and the pid.
std::string random_hex(std::size_t bytes);

}  // namespace vlmshim::os
