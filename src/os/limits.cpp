#include "vlmshim/os/limits.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/os/process_tree.hpp"

namespace vlmshim::os {

namespace {

std::optional<std::uint64_t> soft_limit(decltype(RLIMIT_NOFILE) of) {
    struct rlimit limit {};
    const bool is_limited = ::getrlimit(of, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return is_limited ? std::optional<std::uint64_t>(limit.rlim_cur) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> open_files_limit() {
    return soft_limit(RLIMIT_NOFILE);
}

std::optional<std::uint64_t> processes_limit() {
    return soft_limit(RLIMIT_NPROC);
}

std::optional<ProcessRoom> process_room() {
    const auto limit = processes_limit();
    if (!limit || is_root()) {
        return std::nullopt;
    }
    ProcessRoom room{*limit, 0};
    const unsigned user = ::getuid();  // the limit is one of the real uid
    for (const Pid pid : all_pids()) {
        const auto uids = uids_of(pid);
        const auto stat = uids && uids->real == user ? read_stat(pid) : std::nullopt;
        room.used += stat && stat->threads > 0 ? static_cast<unsigned>(stat->threads) : 0U;
    }
    return room;
}

}  // namespace vlmshim::os
