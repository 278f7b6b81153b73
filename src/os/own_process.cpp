#include "vlmshim/os/own_process.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>

#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

Pid own_pid() {
    return Pid{::getpid()};
}

std::string own_program() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

unsigned effective_user() {
    return ::geteuid();
}

bool is_root() {
    return ::geteuid() == 0;
}

// Without libcap, which not every build has.
bool may_look_into_all() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    return ::syscall(SYS_capget, &header, sets.data()) == 0 &&
           (sets[CAP_TO_INDEX(CAP_SYS_PTRACE)].effective & CAP_TO_MASK(CAP_SYS_PTRACE)) != 0;
}

Pgid current_group() {
    return Pgid{::getpgrp()};
}

Pgid lead_group() {
    if (::getpgrp() != ::getpid()) {
        ::setpgid(0, 0);  // cannot fail: a session leader leads its group already
    }
    return current_group();
}

bool is_subreaper() {
    int is = 0;
    return ::prctl(PR_GET_CHILD_SUBREAPER, &is) == 0 && is != 0;
}

std::error_code become_subreaper() {
    return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? std::error_code{} : last_error();
}

void continue_when_parent_ends() {
    ::prctl(PR_SET_PDEATHSIG, SIGCONT);
}

void raise_own_priority() {
    constexpr int highest = -20;
    ::setpriority(PRIO_PROCESS, 0, highest);
}

}  // namespace vlmshim::os
