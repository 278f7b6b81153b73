#include "vlmshim/os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/os/directory.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/not_written.hpp"
#include "vlmshim/os/outlet.hpp"

namespace vlmshim::os {

std::optional<std::string> read_file(const char* path, std::error_code& error, std::size_t limit) {
    const Fd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        error = last_error();
        return std::nullopt;
    }
    std::string text;
    std::array<char, 4096> buffer;
    while (text.size() < limit) {
        const ssize_t got = ::read(fd.get(), buffer.data(), std::min(buffer.size(), limit - text.size()));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            error = last_error();
            return std::nullopt;
        }
        if (got == 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    error.clear();
    return text;
}

std::optional<std::string> read_file(const char* path) {
    std::error_code ignored;
    return read_file(path, ignored);
}

std::error_code write_new_file(const std::string& path, std::string_view text) {
    constexpr mode_t mode = 0644;
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode));
    if (!file) {
        return last_error();
    }
    const Outlet::Written written = Outlet(file.get()).write(text);  // a regular file takes all of it, or fails
    if (written.state == Outlet::State::Failed) {
        ::unlink(path.c_str());
    }
    return written.error;
}

std::error_code append_to_file(const std::string& path, std::string_view text, std::uint64_t most) {
    // Looked at first: to open a device, or a FIFO that is read, is not without effect.
    const FileFacts there = facts_of(AT_FDCWD, path);
    if (there.kind != FileKind::None && (there.kind != FileKind::Regular || there.names != 1)) {
        return NotWritten::NotPlain;
    }
    Fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
    if (!file) {
        return last_error();
    }
    if (!facts_of(file.get()).is_same_file(there)) {
        return NotWritten::ChangedMeanwhile;
    }
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    if (size < 0) {
        return last_error();
    }
    if (static_cast<std::uint64_t>(size) + text.size() > most) {
        return std::make_error_code(std::errc::file_too_large);
    }
    return Outlet(file.get()).write(text).error;
}

std::string working_directory() {
    std::array<char, PATH_MAX> path;
    // The kernel puts "(unreachable)" before a path outside our root, getcwd(3).
    return ::getcwd(path.data(), path.size()) != nullptr && path[0] == '/' ? path.data() : "";
}

Pipe open_pipe(std::error_code& error) {
    std::array<int, 2> ends{-1, -1};
    error = ::pipe2(ends.data(), O_CLOEXEC) == 0 ? std::error_code{} : last_error();
    return {Fd(ends[0]), Fd(ends[1])};
}

Fd pipe_with(std::string_view text, std::error_code& error) {
    Pipe pipe = open_pipe(error);
    // A user who has many pipes gets small ones, pipe(7): what does not fit is an error and never waited for.
    ::fcntl(pipe.writer.get(), F_SETFL, O_NONBLOCK);
    if (!error && ::write(pipe.writer.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        error = std::make_error_code(std::errc::no_buffer_space);
    }
    return std::move(pipe.reader);
}

std::string proc_path(Pid pid, std::string_view file) {
    return "/proc/" + std::to_string(pid.value) + "/" + std::string(file);
}

std::vector<Pid> numbers_in(const std::string& folder) {
    std::vector<Pid> numbers;
    Directory entries(folder.c_str());
    while (const char* name = entries.next()) {
        Pid number;
        if (read_number(name, number.value)) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::vector<std::string> files_in(const std::string& folder, std::size_t limit) {
    std::vector<std::string> names;
    Directory entries(folder.c_str());
    for (const char* name = entries.next(); name != nullptr && names.size() < limit; name = entries.next()) {
        struct stat info {};
        if (::fstatat(entries.fd(), name, &info, 0) == 0 && S_ISREG(info.st_mode)) {
            names.emplace_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace vlmshim::os
