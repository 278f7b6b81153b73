// A PID namespace for the run: when its init dies, the kernel ends everything in it.
#pragma once

#include <string>
#include <system_error>
#include <variant>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/process_title.hpp"

namespace vlmshim::os {

/// What this process forks from now on lives in the namespace, pid_namespaces(7). Orphans in it
/// become children of `init`, which dies with this process (PR_SET_PDEATHSIG) and is its child.
struct PidNamespace {
    Pid init;
    Fd release;  // closed: init ends as soon as it has no children
    Fd mounts;   // its mount namespace with a /proc of its own; none: /proc stays ours
};

struct NamespaceError {
    std::string step;
    std::error_code error;
};

/// `arguments`: of this process, for the init's own title. As root, else with a user namespace of our own (uid and gid
/// stay the same numbers). Nothing has changed for this process when it fails, but that it may be in such a user
/// namespace.
std::variant<PidNamespace, NamespaceError> make_pid_namespace(const ArgumentMemory& arguments);

/// Why make_pid_namespace() would fail; empty: it would not. A child tries it, and exits.
std::string why_no_pid_namespace();

}  // namespace vlmshim::os
