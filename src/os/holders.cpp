#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/os/directory.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/listeners.hpp"

namespace vlmshim::os {

namespace {

/// "socket:[12345]" -> 12345, proc(5) on /proc/PID/fd.
std::optional<std::uint64_t> socket_inode(std::string_view link) {
    constexpr std::string_view prefix = "socket:[";
    if (!link.starts_with(prefix) || !link.ends_with(']')) {
        return std::nullopt;
    }
    link.remove_prefix(prefix.size());
    link.remove_suffix(1);
    std::uint64_t inode = 0;
    return read_number(link, inode) ? std::optional(inode) : std::nullopt;
}

Fd open_below(int folder, const char* name) {
    return Fd(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// Ascending, for a binary search: a process can have tens of thousands of descriptors.
using Inodes = std::vector<std::uint64_t>;

struct OpenSockets {
    Inodes held;  // of those searched for, each once
    bool any_descriptor = false;
    bool refused = false;  // we may not look
};

/// `list`: "fd" of a process, or of one of its threads.
OpenSockets open_sockets(int process, const char* list, const Inodes& inodes) {
    Fd folder = open_below(process, list);
    OpenSockets found;
    found.refused = !folder && (errno == EACCES || errno == EPERM);
    Inodes& held = found.held;
    Directory descriptors(std::move(folder));
    std::array<char, 64> target;
    while (const char* name = descriptors.next()) {
        const ssize_t length = ::readlinkat(descriptors.fd(), name, target.data(), target.size());
        if (length <= 0 && (errno == EACCES || errno == EPERM)) {
            found.refused = true;  // root without CAP_SYS_PTRACE may list them, but not read the links
            break;
        }
        if (length <= 0) {
            continue;  // as for "." and ".."
        }
        found.any_descriptor = true;
        const auto inode = socket_inode({target.data(), static_cast<std::size_t>(length)});
        if (inode && std::binary_search(inodes.begin(), inodes.end(), *inode)) {
            held.push_back(*inode);
        }
    }
    std::sort(held.begin(), held.end());
    held.erase(std::unique(held.begin(), held.end()), held.end());
    return found;
}

/// A thread group leader that has ended has no descriptors any more, but the other threads still have them.
OpenSockets open_sockets_of_threads(int process, const Inodes& inodes) {
    Directory tasks(open_below(process, "task"));
    while (const char* name = tasks.next()) {
        Pid thread;
        const std::string list = std::string("task/") + name + "/fd";
        const OpenSockets found =
            read_number(name, thread.value) ? open_sockets(process, list.c_str(), inodes) : OpenSockets{};
        if (found.any_descriptor) {
            return found;
        }
    }
    return {};
}

/// Through the process' open folder: after a pid wrap-around this fails, instead of describing another process.
std::optional<ProcessIdentity> identify_at(int process, Pid pid) {
    const Fd file(::openat(process, "stat", O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> text;
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    const auto stat = got > 0 ? parse_stat({text.data(), static_cast<std::size_t>(got)}) : std::nullopt;
    return stat ? std::optional(ProcessIdentity{pid, stat->start_ticks}) : std::nullopt;
}

Inodes inodes_of(const std::vector<Listener>& listeners) {
    Inodes inodes;
    for (const Listener& listener : listeners) {
        if (listener.inode != 0) {
            inodes.push_back(listener.inode);
        }
    }
    std::sort(inodes.begin(), inodes.end());
    return inodes;
}

void search_process(Pid pid, const Fd& process, const Inodes& inodes, HolderSearch& search) {
    OpenSockets sockets = open_sockets(process.get(), "fd", inodes);
    search.refused += sockets.refused ? 1 : 0;
    if (!sockets.any_descriptor && !sockets.refused) {
        sockets = open_sockets_of_threads(process.get(), inodes);
    }
    const auto& held = sockets.held;
    const auto identity = held.empty() ? std::nullopt : identify_at(process.get(), pid);
    for (const std::uint64_t inode : identity ? held : Inodes{}) {
        search.holders.push_back({*identity, inode});
    }
}

}  // namespace

HolderSearch find_holders(const std::vector<Listener>& listeners) {
    const auto inodes = inodes_of(listeners);
    HolderSearch search;
    if (inodes.empty() || !proc_is_ours()) {
        return search;
    }
    Directory proc("/proc");
    while (const char* name = proc.next()) {
        Pid pid;
        const bool is_process = read_number(name, pid.value);
        const Fd process(is_process ? ::openat(proc.fd(), name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
        if (process) {
            search_process(pid, process, inodes, search);
        }
    }
    return search;
}

HolderSearch find_holders_among(const std::vector<Pid>& processes, const std::vector<Listener>& listeners) {
    const auto inodes = inodes_of(listeners);
    HolderSearch search;
    if (inodes.empty()) {
        return search;
    }
    if (!proc_is_ours()) {
        search.refused = processes.size();
        return search;
    }
    for (const Pid pid : processes) {
        const std::string folder = "/proc/" + std::to_string(pid.value);
        if (const Fd process(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)); process) {
            search_process(pid, process, inodes, search);
        }
    }
    return search;
}

}  // namespace vlmshim::os
