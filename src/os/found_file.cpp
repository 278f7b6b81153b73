#include "vlmshim/os/found_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

constexpr int for_reading = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

std::string target_of(int link) {
    std::array<char, PATH_MAX> target;
    const ssize_t length = ::readlinkat(link, "", target.data(), target.size());
    return {target.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

bool FoundFile::is_absence(std::error_code error) {
    return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
           error == std::errc::permission_denied;
}

FoundFile find_file(int folder, const std::string& name) {
    constexpr int most_steps = 40;  // as the kernel, path_resolution(7)
    FoundFile found;
    Fd folder_of_target;
    std::string next = name;
    for (int step = 0; step < most_steps; ++step) {
        const int from = folder_of_target ? folder_of_target.get() : folder;
        found.descriptor = Fd(::openat(from, next.c_str(), for_reading | O_NOFOLLOW));
        if (found.descriptor) {
            found.facts = facts_of(found.descriptor.get());
            return found;
        }
        found.error = last_error();
        if (found.error == std::errc::no_such_file_or_directory || found.error == std::errc::not_a_directory) {
            return found;
        }
        const Fd itself(::openat(from, next.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (!itself) {
            found.error = last_error();
            return found;
        }
        const FileFacts facts = facts_of(itself.get());
        if (facts.kind != FileKind::Link) {
            if (found.error == std::errc::too_many_symbolic_link_levels) {
                continue;  // it was a link a moment ago
            }
            found.facts = facts;
            return found;
        }
        found.links.push_back(facts);
        const PathParts target = split_path(target_of(itself.get()));
        next = target.name.empty() ? "." : target.name;
        folder_of_target = open_folder(from, target.folder, found.error);
        if (!folder_of_target) {
            return found;
        }
    }
    found.error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    return found;
}

Fd open_named(const std::string& path, std::error_code& error) {
    Fd file(::open(path.c_str(), for_reading));
    error = file ? std::error_code{} : last_error();
    if (!file) {  // a socket; or there is no /proc
        if (const auto descriptor = descriptor_named(path)) {
            file = Fd(::fcntl(*descriptor, F_DUPFD_CLOEXEC, 3));
            error = file ? std::error_code{} : last_error();
        }
    }
    return file;
}

ReadSome read_some(int descriptor) {
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        // Of a socket, whose O_NONBLOCK is not ours to set.
        ssize_t got = ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno == ENOTSOCK) {
            got = ::read(descriptor, buffer.data(), buffer.size());
        }
        if (got >= 0) {
            return {.bytes = std::string(buffer.data(), static_cast<std::size_t>(got)), .more = false, .error = {}};
        }
        if (errno == EAGAIN) {
            return {.bytes = {}, .more = true, .error = {}};
        }
        if (errno != EINTR) {
            return {.bytes = {}, .more = false, .error = last_error()};
        }
    }
}

}  // namespace vlmshim::os
