// Parsers for the text files of /proc, proc(5). They see whatever a hostile process name puts there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/listener.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class ProcessState {
    Running,  // or runnable
    Sleeping,
    Uninterruptible,
    Stopped,  // by a signal
    Traced,   // stopped by a tracer
    Zombie,
    Dead,
    Other,  // what this kernel has besides
};

/// What vlmshim needs of /proc/PID/stat.
struct ProcStat {
    Pid pid;
    std::string comm;  // may hold blanks, brackets and line ends
    ProcessState state = ProcessState::Other;
    Pid parent;
    Pgid group;
    int threads = 0;                // 0: it has ended
    std::uint64_t start_ticks = 0;  // since boot, in clock ticks

    /// A leader thread that has ended shows as a zombie while the others live on: that process is not dead.
    bool dead() const { return (state == ProcessState::Zombie || state == ProcessState::Dead) && threads <= 1; }
};

std::optional<ProcStat> parse_stat(std::string_view text);

/// Of /proc/PID/status: real, effective and saved user id, as the reader's user namespace maps them.
struct ProcUids {
    unsigned real = 0;
    unsigned effective = 0;
    unsigned saved = 0;

    bool are_all(unsigned uid) const { return real == uid && effective == uid && saved == uid; }
    bool has(unsigned uid) const { return real == uid || effective == uid || saved == uid; }
};

std::optional<ProcUids> parse_uids(std::string_view status);

/// Whether a user namespace knows this user, by its /proc/PID/uid_map.
bool maps_user(std::string_view uid_map, std::uint32_t uid);

/// /proc/PID/timens_offsets, time_namespaces(7): how far CLOCK_BOOTTIME is ahead of the machine's.
struct ClockOffset {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
};

std::optional<ClockOffset> parse_boottime_offset(std::string_view text);

/// /proc/PID/task/TID/children: pids separated by blanks.
std::vector<Pid> parse_children(std::string_view text);

/// The value of one variable in /proc/PID/environ (NUL separated).
std::optional<std::string> find_variable(std::string_view environ, std::string_view name);

/// /proc/PID/cmdline with its words in a row, at most `longest` bytes. Of its owner's making: display_text() is for who
/// shows it.
std::string describe_cmdline(std::string_view cmdline, std::size_t longest = 160);

/// The LISTEN rows of /proc/net/tcp or /proc/net/tcp6. Rows that do not parse are left out.
std::vector<Listener> parse_net_tcp(std::string_view text, IpVersion version);

struct UnixListener {
    std::uint64_t inode = 0;
    std::string path;  // an abstract one has an '@' in front
};
/// The listening sockets with a name in /proc/net/unix.
std::vector<UnixListener> parse_net_unix(std::string_view text);

}  // namespace vlmshim
