#include "vlmshim/os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/os/directory.hpp"
#include "vlmshim/os/last_error.hpp"

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

Fd open_for_append(const char* path, std::error_code& error) {
    // A FIFO that nobody reads would hold us up for ever: it is refused (ENXIO).
    Fd fd(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666));
    error = fd ? std::error_code{} : last_error();
    if (fd) {
        ::fcntl(fd.get(), F_SETFL, O_APPEND);  // who writes may wait
    }
    return fd;
}

namespace {

/// In the same folder, so that rename(2) can put it in place; the pid keeps two runs apart.
std::string unfinished_name(const std::string& path, Pid writer) {
    const std::size_t slash = path.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    return path.substr(0, name) + "." + path.substr(name) + "." + std::to_string(writer.value) + ".tmp";
}

std::string behind_links(const std::string& path) {
    std::array<char, PATH_MAX> real;
    return ::realpath(path.c_str(), real.data()) == nullptr ? path : std::string(real.data());
}

std::error_code write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return last_error();
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

std::error_code replace_file(const std::string& path, const std::string& text) {
    const std::string target = behind_links(path);
    struct stat info {};
    if (::stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
        const Fd fd(::open(target.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
        return fd ? write_all(fd.get(), text) : last_error();
    }
    const std::string unfinished = unfinished_name(target, Pid{::getpid()});
    ::unlink(unfinished.c_str());  // of an earlier process with our number
    const Fd fd(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666));
    if (!fd) {
        return last_error();
    }
    if (info.st_mode != 0) {
        ::fchmod(fd.get(), info.st_mode & 0777U);
    }
    std::error_code error = write_all(fd.get(), text);
    if (!error && ::rename(unfinished.c_str(), target.c_str()) != 0) {
        error = last_error();
    }
    if (error) {
        ::unlink(unfinished.c_str());
    }
    return error;
}

void remove_unfinished(const std::string& path, Pid writer) {
    ::unlink(unfinished_name(behind_links(path), writer).c_str());
}

bool is_there(const char* path) {
    struct stat info {};
    return ::stat(path, &info) == 0;
}

std::string working_directory() {
    std::array<char, PATH_MAX> path;
    // The kernel puts "(unreachable)" before a path outside our root, getcwd(3).
    return ::getcwd(path.data(), path.size()) != nullptr && path[0] == '/' ? path.data() : "";
}

bool is_owned_by_us_or_root(const char* path) {
    struct stat info {};
    return ::stat(path, &info) == 0 && (info.st_uid == ::geteuid() || info.st_uid == 0);
}

Pipe open_pipe(std::error_code& error) {
    std::array<int, 2> ends{-1, -1};
    error = ::pipe2(ends.data(), O_CLOEXEC) == 0 ? std::error_code{} : last_error();
    return {Fd(ends[0]), Fd(ends[1])};
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

}  // namespace vlmshim::os
