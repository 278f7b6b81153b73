// Whether the holder of a listening socket was only passed it, unix(7) on SCM_RIGHTS: for example dbus-daemon, in a
// message that never ends. Such a holder has nothing to do with the port, and must not be ended for it.
#pragma once

#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/values/listener.hpp"

namespace vlmshim {

/// Those of `holders`, all of one socket, to which it was passed on: neither they nor a holder among their ancestors
/// are of the user who made it. sock_diag(7) names that user; setuid(2), fork(2) and passing it on do not change it. A
/// socket made by root was passed to none of them: a server may bind as root and then drop its user. Where PID 1 or an
/// ancestor of ours holds it as well (socket activation), or its user is not known, it counts as passed on to all.
std::vector<Pid> holders_passed_to(const Processes& processes, const Listener& listener,
                                   const std::vector<Pid>& holders);

}  // namespace vlmshim
