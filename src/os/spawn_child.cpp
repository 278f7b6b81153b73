#include "spawn_child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "vlmshim/core/values/exit_status.hpp"

namespace vlmshim::os {

namespace {

int give_up(int report, SpawnError::Stage stage) {
    const ChildFailure failure{stage, errno};
    [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof failure);
    return failure.error == ENOENT ? exit_not_found : exit_not_executable;
}

/// open(2) takes the lowest free number: a lower one than `target` where that one is to stay closed.
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

/// Puts the three descriptors on 0, 1, 2. Each is in its place already or from 3 on, so none is overwritten before it
/// is used.
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

/// The caller's descriptors must not reach this child: a listening socket among them would keep its port held.
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

/// setns(2) changes to the root folder, so this changes back to the caller's: by its path, which leads to the same
/// folder among the namespace's own mounts, or, where the folder was removed, by its descriptor.
bool join_namespace(const ChildLaunch& launch) {
    if (::setns(launch.request.mount_namespace, CLONE_NEWNS) != 0) {
        return false;
    }
    const bool by_path = launch.callers_cwd != nullptr && ::chdir(launch.callers_cwd) == 0;
    return by_path || ::fchdir(launch.callers_folder) == 0;
}

}  // namespace

int run_child(void* argument) {
    const ChildLaunch& launch = *static_cast<const ChildLaunch*>(argument);
    const SpawnRequest& request = launch.request;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const pid_t parent_now = ::getppid();
    if (parent_now != launch.parent && parent_now != 0) {  // 0: outside our PID namespace
        return exit_not_found;                             // the parent died before the line above took effect
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

}  // namespace vlmshim::os
