// What our own processes are called: prctl(2) on PR_SET_NAME, at most 15 bytes.
#pragma once

#include <string_view>

namespace vlmshim {

/// The keeper's is that of the program, and PID 1's, which is both. The others hold neither it nor a word of the
/// command line: what is sent to a name, as by pkill(1), must not hit all of them.
inline constexpr std::string_view keeper_name = "vlmshim";
inline constexpr std::string_view supervisor_name = "vlm-supervisor";
inline constexpr std::string_view namespace_init_name = "vlm-init";

}  // namespace vlmshim
