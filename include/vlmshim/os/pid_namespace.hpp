// A PID namespace for the run: when its init dies, the kernel ends everything in it.
#pragma once

#include <string>
#include <system_error>
#include <variant>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/process_title.hpp"

namespace vlmshim::os {

/// Later children of this process live in the namespace, pid_namespaces(7). Orphans in it become children of `init`,
/// a child of this process that is killed when this process ends (PR_SET_PDEATHSIG).
struct PidNamespace {
    Pid init;
    Fd release;  // once it is closed, init ends as soon as it has no children
    Fd mounts;   // its mount namespace, which has a /proc of its own; none: /proc stays ours
};

struct NamespaceError {
    std::string step;
    std::error_code error;
};

/// `arguments`: of this process, for the init's title. Without the privilege, in a user namespace of our own that keeps
/// uid and gid. After a failure this process may be in such a user namespace; nothing else has changed.
std::variant<PidNamespace, NamespaceError> make_pid_namespace(const ArgumentMemory& arguments);

/// Why make_pid_namespace() would fail; empty: it would not. A child tries it, and exits.
std::string why_no_pid_namespace();

}  // namespace vlmshim::os
