#include "vlmshim/core/values/proc_text.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

/// Cuts the next word off the front; empty at the end.
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
bool read_address(std::string_view hex, Listener& listener) {
    const std::size_t words = listener.family == Listener::Family::V4 ? 1 : 4;
    if (hex.size() != words * 8) {
        return false;
    }
    for (std::size_t i = 0; i < words; ++i) {
        std::uint32_t word = 0;
        if (!read_number(hex.substr(i * 8, 8), word, 16)) {
            return false;
        }
        std::memcpy(listener.address.data() + i * 4, &word, sizeof word);
    }
    return true;
}

std::optional<Listener> parse_net_tcp_row(std::string_view row, Listener::Family family) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
    std::array<std::string_view, 10> fields;
    for (std::string_view& field : fields) {
        field = next_word(row);
    }
    constexpr std::string_view listen_state = "0A";
    if (fields[3] != listen_state) {
        return std::nullopt;
    }
    Listener listener;
    listener.family = family;
    const std::size_t colon = fields[1].find(':');
    if (colon == std::string_view::npos || !read_address(fields[1].substr(0, colon), listener) ||
        !read_number(fields[1].substr(colon + 1), listener.port.number, 16) || !read_number(fields[7], listener.uid) ||
        !read_number(fields[9], listener.inode)) {
        return std::nullopt;
    }
    return listener;
}

std::string describe_v6(const std::array<std::uint8_t, 16>& address) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i] = address[i * 2] * 256U + address[i * 2 + 1];
    }
    // The longest run of zero groups becomes "::" (RFC 5952).
    std::size_t best = 0;
    std::size_t best_length = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t length = 0;
        while (i + length < groups.size() && groups[i + length] == 0) {
            ++length;
        }
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < groups.size();) {
        if (best_length > 1 && i == best) {
            text += "::";
            i += best_length;
            continue;
        }
        if (!text.empty() && text.back() != ':') {
            text += ':';
        }
        std::array<char, 8> digits{};
        const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
        text.append(digits.data(), written.ptr);
        ++i;
    }
    return text;
}

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view text) {
    // The name is in brackets and may hold any byte, ')' too: the last ')' ends it.
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
        const std::size_t end = environ.find('\0');
        const std::string_view entry = environ.substr(0, end);
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
            return std::string(entry.substr(name.size() + 1));
        }
        environ = end == std::string_view::npos ? std::string_view{} : environ.substr(end + 1);
    }
    return std::nullopt;
}

std::string describe_cmdline(std::string_view cmdline, std::size_t longest) {
    while (!cmdline.empty() && cmdline.back() == '\0') {
        cmdline.remove_suffix(1);
    }
    std::string text(cmdline.substr(0, longest));
    for (char& c : text) {
        if (c == '\0') {
            c = ' ';
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            c = '?';
        }
    }
    if (cmdline.size() > longest) {
        text += "...";
    }
    return text;
}

std::string describe_address(const Listener& listener) {
    const std::string port = ":" + std::to_string(listener.port.number);
    if (listener.family == Listener::Family::V6) {
        return "[" + describe_v6(listener.address) + "]" + port;
    }
    std::string text;
    for (std::size_t i = 0; i < 4; ++i) {
        text += (i == 0 ? "" : ".") + std::to_string(listener.address[i]);
    }
    return text + port;
}

std::vector<Listener> listeners_for(const std::vector<Listener>& listeners, std::string_view address) {
    const bool v6 = address.find(':') != std::string_view::npos;
    const auto family = v6 ? Listener::Family::V6 : Listener::Family::V4;
    const auto wildcard = [](const Listener& listener) { return listener.address == decltype(listener.address){}; };
    const auto matching = [&](auto&& matches) {
        std::vector<Listener> found;
        std::copy_if(listeners.begin(), listeners.end(), std::back_inserter(found), matches);
        return found;
    };
    if (address.empty()) {
        return listeners;
    }
    auto found = matching([&](const Listener& listener) {
        const std::string text = describe_address(listener);
        const std::string host = text.substr(0, text.rfind(':'));
        return host == (v6 ? "[" + std::string(address) + "]" : std::string(address));
    });
    if (found.empty()) {
        found = matching([&](const Listener& listener) { return listener.family == family && wildcard(listener); });
    }
    return found.empty() ? matching(wildcard) : found;
}

std::vector<Listener> parse_net_tcp(std::string_view text, Listener::Family family) {
    std::vector<Listener> listeners;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (const auto listener = parse_net_tcp_row(text.substr(0, end), family)) {
            listeners.push_back(*listener);
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return listeners;
}

}  // namespace vlmshim
