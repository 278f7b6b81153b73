// Who listens on ports, with everything that can be said about them.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/listeners.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

/// By port, address and pid. One question to the kernel, and one pass over /proc if somebody listens.
std::vector<PortHolder> look_up(const std::vector<Port>& ports);

/// "pid 4711 (llama-server ...), user lena"
std::string describe_process(Pid pid);

RunOfProcess run_of(Pid pid);

/// What the policy needs to know. `spare` holds short names that are never ended for a port.
HolderFacts facts_of(os::ProcessIdentity process, const std::vector<std::string>& spare);

/// What a bind to the port says in both families: Free only if it worked in both, Held if it failed in one.
os::Bind bind_to(Port port);

}  // namespace vlmshim
