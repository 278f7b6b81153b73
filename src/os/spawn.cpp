#include "vlmshim/os/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/program.hpp"
#include "vlmshim/os/wait.hpp"

extern char** environ;

namespace vlmshim::os {

namespace {

struct ChildFailure {
    SpawnError::Stage stage;
    int error;
};

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (const std::string& string : strings) {
        pointers.push_back(const_cast<char*>(string.c_str()));  // exec does not write to them
    }
    pointers.push_back(nullptr);
    return pointers;
}

// --- in the child, up to its exec. It runs in our memory, on a stack of its own, while we wait: no copy of our
// --- page tables. So async-signal-safe calls only, and nothing that leaves a trace, such as an allocation.

struct Launch {
    const SpawnRequest& request;
    pid_t parent;
    const char* callers_cwd;  // nullptr: it has no path any more
    int callers_folder;       // the same; -1: not needed
    char** argv;
    int report;
};

int give_up(int report, SpawnError::Stage stage) {
    const ChildFailure failure{stage, errno};
    [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof failure);
    return failure.error == ENOENT ? exit_not_found : exit_not_executable;
}

/// Takes the lowest free number; where that is another one than wanted, a lower one was to be closed.
bool open_null(int target) {
    ::close(target);
    int null = ::open("/dev/null", O_RDWR | O_NOCTTY);
    if (null < 0) {
        null = ::open("/", O_PATH);
    }
    if (null < 0 || null == target) {
        return null == target;
    }
    const bool placed = ::dup2(null, target) == target;
    ::close(null);
    return placed;
}

/// Puts the three descriptors on 0, 1, 2. Each is either in its place already or from 3 on, so none
/// is overwritten before it was used.
bool place_stdio(const SpawnRequest& request) {
    const std::array wanted{request.stdin_fd, request.stdout_fd, request.stderr_fd};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const int target = static_cast<int>(i);
        if (request.closed[i]) {
            ::close(target);
        } else if (wanted[i] == null_device) {
            if (!open_null(target)) {
                return false;
            }
        } else if (wanted[i] != target && ::dup2(wanted[i], target) < 0) {
            return false;
        }
    }
    return true;
}

/// The caller's descriptors must not reach this child: a listening socket among them would keep
/// its port held.
void hide_descriptors() {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return;
    }
    constexpr long most_tried = 65'536;
    const long limit = std::min(::sysconf(_SC_OPEN_MAX), most_tried);
    for (int fd = 3; fd < limit; ++fd) {
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
}

/// setns(2) goes to the root folder, so back to where the caller is: by its path, which leads to the same folder among
/// the namespace's own mounts; where that folder was removed, to itself.
bool join_namespace(const Launch& launch) {
    if (::setns(launch.request.mount_namespace, CLONE_NEWNS) != 0) {
        return false;
    }
    const bool by_path = launch.callers_cwd != nullptr && ::chdir(launch.callers_cwd) == 0;
    return by_path || ::fchdir(launch.callers_folder) == 0;
}

/// Returns its exit status when there is no exec.
int run_child(void* argument) {
    const Launch& launch = *static_cast<const Launch*>(argument);
    const SpawnRequest& request = launch.request;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const pid_t parent_now = ::getppid();
    if (parent_now != launch.parent && parent_now != 0) {  // 0: outside our PID namespace
        return exit_not_found;                             // it died before the line above took effect
    }
    if (request.mount_namespace >= 0 && !join_namespace(launch)) {
        return give_up(launch.report, SpawnError::Stage::Namespace);
    }
    if (!request.cwd.empty() && ::chdir(request.cwd.c_str()) != 0) {
        return give_up(launch.report, SpawnError::Stage::Directory);
    }
    if (!place_stdio(request)) {
        return give_up(launch.report, SpawnError::Stage::Output);
    }
    switch (request.inherited) {
        case KeepDescriptors::Yes:
            break;
        case KeepDescriptors::No:
            hide_descriptors();
            break;
    }
    restore_signals(request.signals);
    ::execvp(launch.argv[0], launch.argv);
    return give_up(launch.report, SpawnError::Stage::Exec);
}

/// Returns when the child has left our memory: the report then ends with its exec or its death, both of which let
/// go of the memory before they close it. It must not stay stopped (by a ^Z, for one) until then: it goes on, and is
/// stopped when it has exec'd. Nothing was reported: it has, or was killed. Nothing throws: it runs on a stack of ours.
std::optional<ChildFailure> wait_for_exec(Pid child, int report) noexcept {
    constexpr Millis look_again{10};
    std::optional<ChildFailure> failure;
    std::optional<Signal> stop;
    for (;;) {
        if (!wait_readable(report, {}, look_again)) {
            if (const auto stopped = stopped_by(child)) {
                stop = stopped;
                send_to_child(child, sigcont);
            }
            continue;
        }
        ChildFailure told{};
        const ssize_t got = ::read(report, &told, sizeof told);
        if (got == sizeof told) {
            failure = told;
        } else if (got >= 0 || errno != EINTR) {
            break;
        }
    }
    if (stop && !failure) {
        send_to_child(child, *stop);
    }
    return failure;
}

/// qemu-user emulates a child that shares our memory only where we sleep until its exec: it gets a copy.
pid_t start_child(Launch& launch, char* stack_top) {
    const pid_t sharing = ::clone(run_child, stack_top, CLONE_VM | SIGCHLD, &launch);
    return sharing < 0 && errno == EINVAL ? ::clone(run_child, stack_top, SIGCHLD, &launch) : sharing;
}

}  // namespace

std::variant<Pid, SpawnError> spawn(const SpawnRequest& request) {
    std::vector<char*> argv = pointers_to(request.argv);
    std::vector<char*> envp = pointers_to(request.environment);
    std::array<char, PATH_MAX> path;
    const char* const callers_cwd = request.mount_namespace >= 0 ? ::getcwd(path.data(), path.size()) : nullptr;
    const Fd callers_folder(request.mount_namespace >= 0 ? ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return SpawnError{SpawnError::Stage::Fork, last_error(), {}};
    }
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    // execvp(3) puts a path on it, and for a script without #! the arguments once more.
    const std::size_t stack_size = 64 * 1024 + argv.size() * sizeof(char*);
    const std::unique_ptr<char[]> stack(new char[stack_size]);  // not written to: no page that it does not need
    Launch launch{request, ::getpid(), callers_cwd, callers_folder.get(), argv.data(), writer.get()};
    char** const ours = std::exchange(environ, envp.data());  // PATH of the child decides, as in env(1)
    // Not CLONE_VFORK: it would make us deaf to a child that is stopped before its exec.
    const pid_t pid = start_child(launch, stack.get() + stack_size);
    const std::error_code refused = pid < 0 ? last_error() : std::error_code{};
    writer.reset();
    const auto failure = refused ? std::nullopt : wait_for_exec(Pid{pid}, reader.get());
    environ = ours;
    if (refused) {
        return SpawnError{SpawnError::Stage::Fork, refused, {}};
    }
    if (failure) {
        SpawnError error{.stage = failure->stage, .error = {failure->error, std::system_category()}, .program = {}};
        if (error.stage == SpawnError::Stage::Exec) {
            error.program = look_at_program(request.argv.front(), request.environment, request.cwd);
            error.program.said_not_there = error.error == std::errc::no_such_file_or_directory;
        }
        return error;
    }
    return Pid{pid};
}

std::variant<Pid, std::error_code> fork_process() {
    const pid_t pid = ::fork();
    if (pid < 0) {
        return last_error();
    }
    return Pid{pid};
}

void continue_when_parent_ends() {
    ::prctl(PR_SET_PDEATHSIG, SIGCONT);
}

std::error_code become_subreaper() {
    return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? std::error_code{} : last_error();
}

Pgid lead_group() {
    if (::getpgrp() != ::getpid()) {
        ::setpgid(0, 0);  // cannot fail: a session leader leads its group already
    }
    return current_group();
}

Pgid current_group() {
    return Pgid{::getpgrp()};
}

}  // namespace vlmshim::os
