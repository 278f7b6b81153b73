// Parsers for the text files of /proc, proc(5). Names in them may be hostile.
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
    Other,  // a state that proc(5) does not list
};

/// What vlmshim needs of /proc/PID/stat.
struct ProcStat {
    Pid pid;
    std::string comm;  // the name; may contain blanks, parentheses and line ends
    ProcessState state = ProcessState::Other;
    Pid parent;
    Pgid group;
    int threads = 0;                // 0: the process has ended
    std::uint64_t start_ticks = 0;  // since boot, in clock ticks

    /// A process whose main thread has ended shows as a zombie, but is alive while other threads are.
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

/// Of /proc/PID/status: the pid of the process that the thread belongs to.
std::optional<Pid> parse_thread_group(std::string_view status);

/// Whether a user namespace maps this user, by its /proc/PID/uid_map.
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

/// /proc/PID/cmdline with blanks between the words, at most `longest` bytes. The process chose the text: to show it
/// takes display_text().
std::string describe_cmdline(std::string_view cmdline, std::size_t longest = 160);

/// The LISTEN rows of /proc/net/tcp or /proc/net/tcp6. Malformed rows are left out.
std::vector<Listener> parse_net_tcp(std::string_view text, IpVersion version);

struct UnixSocket {
    std::uint64_t inode = 0;
    std::string path;  // an abstract name begins with '@'
    bool listens = false;
};
/// The sockets with a name in /proc/net/unix.
std::vector<UnixSocket> parse_net_unix(std::string_view text);

}  // namespace vlmshim
