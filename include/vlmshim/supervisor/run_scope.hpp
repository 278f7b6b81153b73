// Where the run's processes live, and which of this process' descendants are the run's.
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

/// Makes this process a subreaper, and the namespace if one is wanted. `run`: its VLMSHIM_RUN. What is refused and can
/// be done without is told; else throws std::system_error.
RunScope prepare_scope(const Config& config, const os::Inheritance& inheritance, const std::string& run, Log& log);

/// To be called at the end: the namespace's init goes.
void leave_scope(RunScope& scope);

}  // namespace vlmshim
