#include "vlmshim/os/kill.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

// Not every supported C library has wrappers for these.
int pidfd_open(Pid pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid.value, 0));
}

int pidfd_send_signal(int pidfd, Signal signal) {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal.number, nullptr, 0));
}

bool still_the_same(const ProcessIdentity& process) {
    if (process.start_ticks == 0) {
        return true;  // no /proc: then only our children are signalled, whose pids are ours until they are reaped
    }
    const auto now = identify(process.pid);
    return now && now->start_ticks == process.start_ticks;
}

/// Exactly one process. The pidfd is opened before the identity is checked: what it refers to cannot change any more.
class Target {
public:
    explicit Target(const ProcessIdentity& process) : pid_(process.pid) {
        if (pid_.value <= 1 || pid_.value == ::getpid()) {
            error_ = std::make_error_code(std::errc::invalid_argument);
            return;
        }
        pidfd_ = Fd(pidfd_open(pid_));
        if (!pidfd_ && errno == ESRCH) {
            error_ = last_error();
        } else if (!still_the_same(process)) {
            error_ = std::make_error_code(std::errc::no_such_process);
        }
    }

    std::error_code send(Signal signal) const {
        if (error_) {
            return error_;
        }
        if (pidfd_ && pidfd_send_signal(pidfd_.get(), signal) == 0) {
            return {};
        }
        if (pidfd_ && errno == ESRCH) {
            return last_error();
        }
        return ::kill(pid_.value, signal.number) == 0 ? std::error_code{} : last_error();
    }

private:
    Pid pid_;
    Fd pidfd_;
    std::error_code error_;
};

}  // namespace

std::error_code send_signal(const ProcessIdentity& process, Signal signal) {
    return Target(process).send(signal);
}

std::error_code send_and_wake(const ProcessIdentity& process, Signal signal) {
    const Target target(process);
    const auto error = target.send(signal);
    target.send(sigcont);
    return error;
}

std::error_code send_to_child(Pid child, Signal signal) {
    if (child.value <= 1 || child.value == ::getpid()) {
        return std::make_error_code(std::errc::invalid_argument);
    }
    return ::kill(child.value, signal.number) == 0 ? std::error_code{} : last_error();
}

std::error_code send_to_own_group(Signal signal) {
    const pid_t group = ::getpgrp();
    if (group != ::getpid() || group <= 1) {  // kill(-1) would signal all processes
        return std::make_error_code(std::errc::operation_not_permitted);
    }
    return ::kill(-group, signal.number) == 0 ? std::error_code{} : last_error();
}

bool is_empty(Pgid group) {
    return group.value > 1 && ::kill(-group.value, 0) != 0 && errno == ESRCH;
}

std::error_code send_to_callers_group(Signal signal) {
    const pid_t group = ::getpgrp();
    if (group <= 1) {
        return std::make_error_code(std::errc::operation_not_permitted);
    }
    return ::kill(-group, signal.number) == 0 ? std::error_code{} : last_error();
}

Presence presence_of(Pid pid) {
    if (pid.value <= 0) {
        return Presence::Unclear;
    }
    if (const Fd pidfd(pidfd_open(pid)); pidfd) {
        pollfd end{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
        return ::poll(&end, 1, 0) == 1 ? Presence::Ended : Presence::Alive;
    }
    const bool is_gone = errno == ESRCH || (::kill(pid.value, 0) != 0 && errno == ESRCH);
    return is_gone ? Presence::Ended : Presence::Alive;
}

Fd watch_end(const ProcessIdentity& process) {
    Fd pidfd(pidfd_open(process.pid));
    return pidfd && still_the_same(process) ? std::move(pidfd) : Fd();
}

void wait_for_an_end(const std::vector<ProcessIdentity>& processes, Millis limit) {
    constexpr Millis look_again{5};
    std::vector<Fd> pidfds;
    std::vector<pollfd> entries;
    for (const ProcessIdentity& process : processes) {
        Fd pidfd = watch_end(process);
        if (!pidfd) {
            limit = std::min(limit, look_again);  // it has ended, or no pidfd will tell
            continue;
        }
        entries.push_back({.fd = pidfd.get(), .events = POLLIN, .revents = 0});
        pidfds.push_back(std::move(pidfd));
    }
    ::poll(entries.data(), entries.size(), static_cast<int>(limit.count()));
}

}  // namespace vlmshim::os
