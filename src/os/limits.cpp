#include "vlmshim/os/limits.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "vlmshim/os/file.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim::os {

std::optional<ProcessRoom> process_room() {
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || is_root()) {
        return std::nullopt;
    }
    ProcessRoom room{limit.rlim_cur, 0};
    const unsigned user = ::getuid();  // the limit is one of the real uid
    for (const Pid pid : numbers_in("/proc")) {
        const auto uids = uids_of(pid);
        const auto stat = uids && uids->real == user ? read_stat(pid) : std::nullopt;
        room.used += stat && stat->threads > 0 ? static_cast<unsigned>(stat->threads) : 0U;
    }
    return room;
}

}  // namespace vlmshim::os
