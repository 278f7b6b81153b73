// Parsers for the text files of /proc, proc(5). They see whatever a hostile process name puts there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// /proc/PID/task/TID/children: pids separated by blanks.
std::vector<Pid> parse_children(std::string_view text);

/// The value of one variable in /proc/PID/environ (NUL separated).
std::optional<std::string> find_variable(std::string_view environ, std::string_view name);

/// /proc/PID/cmdline as one line for people; control characters replaced, at most `longest` bytes.
std::string describe_cmdline(std::string_view cmdline, std::size_t longest = 160);

/// One listening TCP socket.
struct Listener {
    enum class Family { V4, V6 };
    Port port;
    Family family = Family::V4;
    std::array<std::uint8_t, 16> address{};  // network order; the first four bytes for V4
    std::uint64_t inode = 0;
    std::uint32_t uid = 0;

    friend bool operator==(const Listener&, const Listener&) = default;
};

/// "127.0.0.1:8080", "[::]:8080"
std::string describe_address(const Listener& listener);

/// Those that a connection to `address` (a literal; "" means any address) could reach: the exact
/// matches, else the wildcards of its family, else an IPv6 wildcard (which takes IPv4 too, ipv6(7)).
std::vector<Listener> listeners_for(const std::vector<Listener>& listeners, std::string_view address);

/// The LISTEN rows of /proc/net/tcp or /proc/net/tcp6. Rows that do not parse are left out.
std::vector<Listener> parse_net_tcp(std::string_view text, Listener::Family family);

}  // namespace vlmshim
