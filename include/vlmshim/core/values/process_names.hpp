// What our own processes are called: prctl(2) on PR_SET_NAME, at most 15 bytes.
#pragma once

#include <string_view>

namespace vlmshim {

/// The keeper has the program's name, and so has PID 1, which is keeper and supervisor in one. The other names contain
/// neither it nor a word of the command line: a signal sent by name, as by pkill(1), must not hit all of them.
inline constexpr std::string_view keeper_name = "vlmshim";
inline constexpr std::string_view supervisor_name = "vlm-supervisor";
inline constexpr std::string_view namespace_init_name = "vlm-init";

}  // namespace vlmshim
