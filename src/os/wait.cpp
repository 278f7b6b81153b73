#include "vlmshim/os/wait.hpp"

#include <sys/wait.h>

#include <cerrno>

namespace vlmshim::os {

WaitRound reap_children() {
    constexpr std::size_t most_at_once = 256;
    WaitRound round;
    while (round.reaped.size() + round.stopped.size() < most_at_once) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | __WALL) != 0) {
            if (errno == EINTR) {
                continue;
            }
            round.no_children = errno == ECHILD;
            round.more = !round.no_children;  // an unexpected error: try again
            return round;
        }
        if (info.si_pid == 0) {
            return round;
        }
        if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
            round.stopped.push_back({Pid{info.si_pid}, Signal{info.si_status}});
            continue;
        }
        const ExitStatus status = info.si_code == CLD_EXITED ? ExitStatus::exited(info.si_status)
                                                             : ExitStatus::signaled(Signal{info.si_status});
        round.reaped.push_back({Pid{info.si_pid}, status});
    }
    round.more = true;
    return round;
}

void wait_for_child(Pid child) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child.value), &info, WEXITED) != 0 && errno == EINTR) {
    }
}

void wait_for_all_children() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | __WALL) == 0 || errno == EINTR) {
    }
}

std::vector<Pid> children_by_number(int highest) {
    std::vector<Pid> children;
    for (int number = 2; number <= highest; ++number) {
        siginfo_t info{};
        // ECHILD: no such process, or not ours. WNOWAIT: it stays to be reaped.
        if (::waitid(P_PID, static_cast<id_t>(number), &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0) {
            children.push_back(Pid{number});
        }
    }
    return children;
}

bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}

std::optional<Signal> stopped_by(Pid child) {
    siginfo_t info{};
    const bool stopped = ::waitid(P_PID, static_cast<id_t>(child.value), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
                         info.si_pid == child.value;
    return stopped ? std::optional(Signal{info.si_status}) : std::nullopt;
}

}  // namespace vlmshim::os
