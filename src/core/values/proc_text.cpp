#include "vlmshim/core/values/proc_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

/// Removes the next word from the front; empty at the end.
std::string_view next_word(std::string_view& text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) {
        text = {};
        return {};
    }
    const std::size_t end = text.find_first_of(" \t\n", begin);
    const std::string_view word = text.substr(begin, end == std::string_view::npos ? end : end - begin);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    return word;
}

/// What follows `name` in the line that begins with it; empty when there is none.
std::string_view rest_of_line(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::string_view line = next_part(text, '\n');
        if (line.starts_with(name)) {
            return line.substr(name.size());
        }
    }
    return {};
}

/// As proc(5) lists them.
ProcessState state_of(char letter) {
    switch (letter) {
        case 'R':
            return ProcessState::Running;
        case 'S':
            return ProcessState::Sleeping;
        case 'D':
            return ProcessState::Uninterruptible;
        case 'T':
            return ProcessState::Stopped;
        case 't':
            return ProcessState::Traced;
        case 'Z':
            return ProcessState::Zombie;
        case 'X':
        case 'x':
            return ProcessState::Dead;
        default:
            return ProcessState::Other;
    }
}

/// The kernel prints addresses as 32-bit words in host order; we keep network order.
template <typename Bytes>
std::optional<Address> read_address(std::string_view hex) {
    Bytes bytes{};
    if (hex.size() != bytes.size() * 2) {
        return std::nullopt;
    }
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof word) {
        if (!read_number(hex.substr(i * 2, sizeof word * 2), word, 16)) {
            return std::nullopt;
        }
        std::memcpy(bytes.data() + i, &word, sizeof word);
    }
    return Address::of(bytes);
}

using NetUnixFields = std::array<std::string_view, 7>;

/// Names are not escaped in that file: one with a line end begins a row of its own.
bool has_form_of_net_unix(const NetUnixFields& fields) {
    constexpr std::array<std::size_t, 5> digits{8, 8, 8, 4, 2};  // of all but the address and the inode
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::string_view field = fields[i + 1];
        if (field.size() != digits[i] || field.find_first_not_of("0123456789ABCDEF") != std::string_view::npos) {
            return false;
        }
    }
    return fields[0].ends_with(':');
}

std::optional<Listener> parse_net_tcp_row(std::string_view row, IpVersion version) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
    std::array<std::string_view, 10> fields;
    for (std::string_view& field : fields) {
        field = next_word(row);
    }
    constexpr std::string_view listen_state = "0A";
    if (fields[3] != listen_state) {
        return std::nullopt;
    }
    const std::size_t colon = fields[1].find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view hex = fields[1].substr(0, colon);
    const auto address =
        version == IpVersion::V4 ? read_address<Address::V4Bytes>(hex) : read_address<Address::V6Bytes>(hex);
    Listener listener;
    if (!address || !read_number(fields[1].substr(colon + 1), listener.port.number, 16) ||
        !read_number(fields[7], listener.uid.emplace()) || !read_number(fields[9], listener.inode)) {
        return std::nullopt;
    }
    listener.address = *address;
    return listener;
}

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view text) {
    // The name is in parentheses and may contain any byte, ')' too: the last ')' ends it.
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    ProcStat stat;
    std::string_view before = text.substr(0, open);
    std::string_view after = text.substr(close + 1);
    stat.comm = text.substr(open + 1, close - open - 1);
    const std::string_view state = next_word(after);
    if (!read_number(next_word(before), stat.pid.value) || state.size() != 1 ||
        !read_number(next_word(after), stat.parent.value) || !read_number(next_word(after), stat.group.value)) {
        return std::nullopt;
    }
    stat.state = state_of(state[0]);
    constexpr int fields_between = 14;  // session (6) to nice (19); num_threads is field 20
    for (int i = 0; i < fields_between; ++i) {
        next_word(after);
    }
    if (!read_number(next_word(after), stat.threads)) {
        return std::nullopt;
    }
    next_word(after);  // itrealvalue
    if (!read_number(next_word(after), stat.start_ticks)) {
        return std::nullopt;
    }
    return stat;
}

std::optional<ProcUids> parse_uids(std::string_view status) {
    std::string_view line = rest_of_line(status, "Uid:");
    ProcUids uids;
    for (unsigned* const uid : {&uids.real, &uids.effective, &uids.saved}) {
        if (!read_number(next_word(line), *uid)) {
            return std::nullopt;
        }
    }
    return uids;
}

std::optional<Pid> parse_thread_group(std::string_view status) {
    std::string_view line = rest_of_line(status, "Tgid:");
    Pid group;
    return read_number(next_word(line), group.value) ? std::optional(group) : std::nullopt;
}

bool maps_user(std::string_view uid_map, std::uint32_t uid) {
    while (!uid_map.empty()) {
        std::string_view line = next_part(uid_map, '\n');
        std::uint32_t inside = 0;
        std::uint32_t outside = 0;
        std::uint32_t count = 0;
        const bool is_range = read_number(next_word(line), inside) && read_number(next_word(line), outside) &&
                              read_number(next_word(line), count);
        if (is_range && uid >= inside && uid - inside < count) {
            return true;
        }
    }
    return false;
}

std::optional<ClockOffset> parse_boottime_offset(std::string_view text) {
    std::string_view line = rest_of_line(text, "boottime");
    ClockOffset offset;
    if (!read_number(next_word(line), offset.seconds) || !read_number(next_word(line), offset.nanoseconds)) {
        return std::nullopt;
    }
    return offset;
}

std::vector<Pid> parse_children(std::string_view text) {
    std::vector<Pid> children;
    for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
        Pid pid;
        if (read_number(word, pid.value) && pid.value > 0) {
            children.push_back(pid);
        }
    }
    return children;
}

std::optional<std::string> find_variable(std::string_view environ, std::string_view name) {
    while (!environ.empty()) {
        const std::string_view entry = next_part(environ, '\0');
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
            return std::string(entry.substr(name.size() + 1));
        }
    }
    return std::nullopt;
}

std::string describe_cmdline(std::string_view cmdline, std::size_t longest) {
    while (!cmdline.empty() && cmdline.back() == '\0') {
        cmdline.remove_suffix(1);
    }
    std::string text(whole_characters(cmdline, longest));
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text.size() < cmdline.size() ? text + "..." : text;
}

std::vector<UnixSocket> parse_net_unix(std::string_view text) {
    constexpr std::string_view accepts_connections = "00010000";  // __SO_ACCEPTCON of the kernel's net.h
    std::vector<UnixSocket> sockets;
    while (!text.empty()) {
        std::string_view row = next_part(text, '\n');
        // Num RefCount Protocol Flags Type St Inode Path
        NetUnixFields fields;
        for (std::string_view& field : fields) {
            field = next_word(row);
        }
        if (!has_form_of_net_unix(fields)) {
            continue;
        }
        UnixSocket socket;
        socket.listens = fields[3] == accepts_connections;
        socket.path = row.substr(std::min(row.size(), row.find_first_not_of(' ')));
        if (read_number(fields[6], socket.inode) && !socket.path.empty()) {
            sockets.push_back(std::move(socket));
        }
    }
    return sockets;
}

std::vector<Listener> parse_net_tcp(std::string_view text, IpVersion version) {
    std::vector<Listener> listeners;
    while (!text.empty()) {
        if (const auto listener = parse_net_tcp_row(next_part(text, '\n'), version)) {
            listeners.push_back(*listener);
        }
    }
    return listeners;
}

}  // namespace vlmshim
