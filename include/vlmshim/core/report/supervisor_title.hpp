// What ps(1) shows as the supervisor's command line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "vlm-supervisor: testing, port 8080", as much of it as there is room for. Ports that are not chosen yet (0) are left
/// out, and all words of the command line, which is the keeper's: `pkill -9 -f 8080` must not hit both.
std::string supervisor_title(Phase phase, const std::vector<Port>& ports, std::string_view command_line,
                             std::size_t room);

struct SupervisorTitle {
    std::optional<Phase> phase;
    std::vector<Port> ports;
};

/// Nothing of a text that supervisor_title() does not write: any process may have set it.
SupervisorTitle read_supervisor_title(std::string_view title);

}  // namespace vlmshim
