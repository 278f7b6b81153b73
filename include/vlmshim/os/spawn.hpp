// fork and exec, so that the command sees what it would see in a bare run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "vlmshim/core/values/program_facts.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/descriptors.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim::os {

enum class KeepDescriptors { No, Yes };

/// In place of a descriptor: the child opens /dev/null itself, or a file that cannot be read where /dev is missing.
inline constexpr int null_device = -2;

struct SpawnRequest {
    std::vector<std::string> argv;         // argv[0] is looked up as execvp(3) does
    std::vector<std::string> environment;  // NAME=value
    std::string cwd;                       // empty: that of the calling process
    int stdin_fd = 0;  // these become 0, 1, 2 in the child; each that number itself or one from 3 on; borrowed
    int stdout_fd = 1;
    int stderr_fd = 2;
    ClosedStdio closed{};                             // those that are closed in the child instead
    int mount_namespace = -1;                         // joined before the exec, setns(2); borrowed; -1: none
    KeepDescriptors inherited = KeepDescriptors::No;  // the caller's descriptors from 3 on
    InheritedSignals signals;
};

struct SpawnError {
    enum class Stage { Output, Fork, Namespace, Directory, Exec };
    Stage stage = Stage::Fork;
    std::error_code error{};
    ProgramFacts program{};  // Stage::Exec
};

/// "No such file or directory", with the step that failed unless it is the exec; `path`: the working directory or
/// output file of that step.
std::string describe(const SpawnError& error, const std::string& path);
/// As env(1): 127: not found; 126: found, but not executable; 125: a step before the exec failed.
int exit_code_for(const SpawnError& error);

/// Returns when the exec has succeeded or failed (reported through a CLOEXEC pipe). The child is in our process group
/// from its first instant, clone(2), and is killed when this process ends (PR_SET_PDEATHSIG, which a set-user-ID
/// program clears). A failed child is left to reap_children.
std::variant<Pid, SpawnError> spawn(const SpawnRequest& request);

/// fork(2): Pid 0 in the child.
std::variant<Pid, std::error_code> fork_process();

/// Our environment without `unset`, then with `set`.
std::vector<std::string> make_environment(const std::vector<std::string>& unset,
                                          const std::map<std::string, std::string>& set);

}  // namespace vlmshim::os
