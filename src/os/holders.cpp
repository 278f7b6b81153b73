#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

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

/// The first of these sockets that the process has open.
std::optional<std::uint64_t> held_inode(int proc, const char* pid, const std::vector<std::uint64_t>& inodes) {
    const std::string path = std::string(pid) + "/fd";
    const int folder = ::openat(proc, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return std::nullopt;
    }
    const Dir dir{::fdopendir(folder)};
    std::array<char, 64> target;
    while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
        const ssize_t length = ::readlinkat(::dirfd(dir.get()), entry->d_name, target.data(), target.size());
        if (length <= 0) {
            continue;
        }
        const auto inode = socket_inode({target.data(), static_cast<std::size_t>(length)});
        if (inode && std::find(inodes.begin(), inodes.end(), *inode) != inodes.end()) {
            return inode;
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Holder> holders_of(const std::vector<Listener>& listeners) {
    std::vector<std::uint64_t> inodes;
    for (const Listener& listener : listeners) {
        if (listener.inode != 0) {
            inodes.push_back(listener.inode);
        }
    }
    std::vector<Holder> holders;
    const Dir proc{inodes.empty() || !proc_is_ours() ? nullptr : ::opendir("/proc")};
    while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
        const auto pid = as_number(entry->d_name);
        if (!pid) {
            continue;
        }
        // Identity before the look: should the number be recycled in between, the later signal
        // finds another start time and is not sent.
        const auto identity = identify(Pid{*pid});
        const auto inode = identity ? held_inode(::dirfd(proc.get()), entry->d_name, inodes) : std::nullopt;
        if (inode) {
            holders.push_back({*identity, *inode});
        }
    }
    return holders;
}

}  // namespace vlmshim::os
