#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim::os {

namespace {

struct CloseDir {
    void operator()(DIR* dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

std::optional<int> as_number(const char* text) {
    int number = 0;
    const char* end = text + std::strlen(text);
    return std::from_chars(text, end, number).ptr == end ? std::optional(number) : std::nullopt;
}

/// "socket:[12345]" -> 12345, proc(5) on /proc/PID/fd.
std::optional<std::uint64_t> socket_inode(std::string_view link) {
    constexpr std::string_view prefix = "socket:[";
    if (!link.starts_with(prefix)) {
        return std::nullopt;
    }
    std::uint64_t inode = 0;
    const std::string_view digits = link.substr(prefix.size());
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), inode);
    return parsed.ec == std::errc{} ? std::optional(inode) : std::nullopt;
}

struct OpenSockets {
    std::vector<std::uint64_t> held;  // of those asked for, each once
    bool any_descriptor = false;
    bool refused = false;  // we may not look
};

/// `list`: "fd" of a process, or of one of its threads.
OpenSockets open_sockets(int process, const char* list, const std::vector<std::uint64_t>& inodes) {
    const int folder = ::openat(process, list, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    OpenSockets found;
    found.refused = folder < 0 && (errno == EACCES || errno == EPERM);
    if (folder < 0) {
        return found;
    }
    std::vector<std::uint64_t>& held = found.held;
    const Dir dir{::fdopendir(folder)};
    std::array<char, 64> target;
    while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
        const ssize_t length = ::readlinkat(::dirfd(dir.get()), entry->d_name, target.data(), target.size());
        if (length <= 0) {
            continue;  // "." and ".." too
        }
        found.any_descriptor = true;
        const auto inode = socket_inode({target.data(), static_cast<std::size_t>(length)});
        if (inode && std::find(inodes.begin(), inodes.end(), *inode) != inodes.end() &&
            std::find(held.begin(), held.end(), *inode) == held.end()) {
            held.push_back(*inode);
        }
    }
    return found;
}

/// A leader thread that has ended has let go of its descriptors; the others have them still.
OpenSockets open_sockets_of_threads(int process, const std::vector<std::uint64_t>& inodes) {
    const int folder = ::openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const Dir tasks{folder < 0 ? nullptr : ::fdopendir(folder)};
    while (const dirent* entry = tasks ? ::readdir(tasks.get()) : nullptr) {
        const std::string list = std::string("task/") + entry->d_name + "/fd";
        const OpenSockets found =
            as_number(entry->d_name) ? open_sockets(process, list.c_str(), inodes) : OpenSockets{};
        if (found.any_descriptor) {
            return found;
        }
    }
    return {};
}

/// Through the folder that was looked into: should the number be recycled meanwhile, this fails
/// instead of describing somebody else.
std::optional<ProcessIdentity> identify_at(int process, Pid pid) {
    const Fd file(::openat(process, "stat", O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> text;
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    const auto stat = got > 0 ? parse_stat({text.data(), static_cast<std::size_t>(got)}) : std::nullopt;
    return stat ? std::optional(ProcessIdentity{pid, stat->start_ticks}) : std::nullopt;
}

std::vector<std::uint64_t> inodes_of(const std::vector<Listener>& listeners) {
    std::vector<std::uint64_t> inodes;
    for (const Listener& listener : listeners) {
        if (listener.inode != 0) {
            inodes.push_back(listener.inode);
        }
    }
    return inodes;
}

void look_into(Pid pid, const Fd& process, const std::vector<std::uint64_t>& inodes, HolderSearch& search) {
    OpenSockets sockets = open_sockets(process.get(), "fd", inodes);
    search.refused += sockets.refused ? 1 : 0;
    if (!sockets.any_descriptor && !sockets.refused) {
        sockets = open_sockets_of_threads(process.get(), inodes);
    }
    const auto& held = sockets.held;
    const auto identity = held.empty() ? std::nullopt : identify_at(process.get(), pid);
    for (const std::uint64_t inode : identity ? held : std::vector<std::uint64_t>{}) {
        search.holders.push_back({*identity, inode});
    }
}

}  // namespace

HolderSearch find_holders(const std::vector<Listener>& listeners) {
    const auto inodes = inodes_of(listeners);
    HolderSearch search;
    const Dir proc{inodes.empty() || !proc_is_ours() ? nullptr : ::opendir("/proc")};
    while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
        const auto pid = as_number(entry->d_name);
        const Fd process(pid ? ::openat(::dirfd(proc.get()), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
        if (process) {
            look_into(Pid{*pid}, process, inodes, search);
        }
    }
    return search;
}

HolderSearch find_holders_among(const std::vector<Pid>& processes, const std::vector<Listener>& listeners) {
    const auto inodes = inodes_of(listeners);
    HolderSearch search;
    if (inodes.empty() || !proc_is_ours()) {
        return search;
    }
    for (const Pid pid : processes) {
        const std::string folder = "/proc/" + std::to_string(pid.value);
        if (const Fd process(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)); process) {
            look_into(pid, process, inodes, search);
        }
    }
    return search;
}

}  // namespace vlmshim::os
