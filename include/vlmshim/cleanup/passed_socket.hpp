// Whether a listening socket was passed on to who holds it, unix(7) on SCM_RIGHTS: into a message that dbus-daemon
// never finishes reading, for one. Its holder has nothing to do with the port, and must not be ended for it.
#pragma once

#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/values/listener.hpp"

namespace vlmshim {

/// Those of `holders`, all of one socket, that are no honest holders of it: neither they nor a holder above them are of
/// the user who made it. That user is what sock_diag(7) says; setuid(2), fork(2) and passing it on do not change it.
/// What root has made is honest: a server that binds as root and drops its user. Where PID 1 or an ancestor of ours
/// holds it as well (socket activation), or its user cannot be known, nobody counts as honest.
std::vector<Pid> holders_passed_to(const Processes& processes, const Listener& listener,
                                   const std::vector<Pid>& holders);

}  // namespace vlmshim
