// Which processes are the keeper and the supervisor of a run that lives. Any process can call itself like one of them;
// what counts is the socket with the run's name, which both hold (run_name in core/values/run_id.hpp).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Of /proc/PID/exe; both 0: not known.
struct ProgramFile {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    friend bool operator==(const ProgramFile&, const ProgramFile&) = default;
};

/// A process that holds such a socket, or is called like a keeper or supervisor.
struct RunCandidate {
    ProcStat stat;
    std::optional<ProcUids> uids;
    std::vector<std::uint64_t>
        names{};  // inodes of the sockets with a run's name that it holds, as far as they are seen
    ProgramFile program{};
};

bool is_called_like_ours(std::string_view comm);

struct RunProcesses {
    Pid keeper{};                        // 0: it was killed
    Pid supervisor{};                    // 0: it was killed, or the keeper is PID 1 and both in one
    std::vector<std::uint64_t> names{};  // as RunCandidate::names, of both
    unsigned user = 0;
    std::uint64_t start_ticks = 0;
    bool stopped = false;  // one of them is, by a signal: it hears no other one until SIGCONT

    /// Its end ends the run.
    Pid to_signal() const { return keeper.value != 0 ? keeper : supervisor; }
    /// Servers and test are below it.
    Pid root() const { return supervisor.value != 0 ? supervisor : keeper; }
};

/// Oldest first. Those of user `viewer`; of all if that is root. Where the system refused the socket, a supervisor is
/// known by its parent, which runs the same program and is called like a keeper.
std::vector<RunProcesses> find_runs(std::vector<RunCandidate> candidates, unsigned viewer);

}  // namespace vlmshim
