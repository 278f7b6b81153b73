// fork and exec, the way a bare run of the command would look from inside.
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

/// In place of a descriptor: the child opens /dev/null there, or something that cannot be read where that is missing.
/// We need none for it.
inline constexpr int null_device = -2;

struct SpawnRequest {
    std::vector<std::string> argv;         // argv[0] is looked up as execvp(3) does
    std::vector<std::string> environment;  // NAME=value
    std::string cwd;                       // empty: ours
    int stdin_fd = 0;  // what becomes 0, 1, 2 in the child: that number itself, or one from 3 on; borrowed
    int stdout_fd = 1;
    int stderr_fd = 2;
    ClosedStdio closed{};                             // which of them the child gets closed instead
    int mount_namespace = -1;                         // joined before the exec; borrowed; -1: ours
    KeepDescriptors inherited = KeepDescriptors::No;  // the caller's descriptors from 3 on
    InheritedSignals signals;
};

struct SpawnError {
    enum class Stage { Output, Fork, Namespace, Directory, Exec };
    Stage stage = Stage::Fork;
    std::error_code error{};
    ProgramFacts program{};  // Stage::Exec
};

/// "No such file or directory", with the step that failed where that is not the exec itself;
/// `path` is the working directory or output file that it was about.
std::string describe(const SpawnError& error, const std::string& path);
/// 127: not found; 126: found, but not executable; 125: we failed before the exec. As env(1).
int exit_code_for(const SpawnError& error);

/// Returns when the program is exec'd or that has failed (reported through a CLOEXEC pipe). The
/// child is in our process group from the first instant on, as fork(2) has it. It dies with this process
/// (PR_SET_PDEATHSIG, which set-user-ID programs shed). A failed child is left to reap_children.
std::variant<Pid, SpawnError> spawn(const SpawnRequest& request);

/// fork(2): Pid 0 in the child.
std::variant<Pid, std::error_code> fork_process();

/// When the parent of this process ends, and this one is stopped, it goes on (PR_SET_PDEATHSIG with SIGCONT).
void continue_when_parent_ends();

/// Our environment, changed: `unset` first, then `set`.
std::vector<std::string> make_environment(const std::vector<std::string>& unset,
                                          const std::map<std::string, std::string>& set);

/// Makes orphaned descendants our children, PR_SET_CHILD_SUBREAPER in prctl(2).
std::error_code become_subreaper();

/// Leads a process group: a new one unless we lead ours already. Returns it.
Pgid lead_group();
Pgid current_group();

}  // namespace vlmshim::os
