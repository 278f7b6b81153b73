// Where the processes of the run live, and which descendants of this process belong to it.
#pragma once

#include <string>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/pid_namespace.hpp"

namespace vlmshim {

struct RunScope {
    FamilyScope family;
    os::PidNamespace pid_namespace;  // pid_namespace = true
};

/// Makes this process a subreaper, and the namespace if one is wanted. `run`: its VLMSHIM_RUN. Warns about what
/// is refused and not essential; throws std::system_error if the namespace is refused.
RunScope prepare_scope(const Config& config, const os::Inheritance& inheritance, const std::string& run, Log& log);

/// To be called at the end: lets the namespace's init exit.
void leave_scope(RunScope& scope);

}  // namespace vlmshim
