#include "vlmshim/os/program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim::os {

namespace {

using File = ProgramFacts::File;

constexpr std::string_view blanks = " \t";

/// That of execvp(3) where PATH is not set.
constexpr std::string_view default_path = "/bin:/usr/bin";

std::string join(const std::string& folder, const std::string& path) {
    return folder.empty() || path.starts_with('/') ? path : folder + (folder.ends_with('/') ? "" : "/") + path;
}

File kind_of(const std::string& path, mode_t& mode) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return File::None;
    }
    mode = info.st_mode;
    return S_ISREG(mode) ? File::Regular : S_ISDIR(mode) ? File::Folder : File::Other;
}

File kind_of(const std::string& path) {
    mode_t mode = 0;
    return kind_of(path, mode);
}

/// By the effective ids, as execve(2) checks it.
bool is_executable(const std::string& path) {
    return kind_of(path) == File::Regular && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

std::string search_path(const std::vector<std::string>& environment) {
    constexpr std::string_view name = "PATH=";
    for (const std::string& entry : environment) {
        if (entry.starts_with(name)) {
            return entry.substr(name.size());
        }
    }
    return std::string(default_path);
}

/// The first file that can be executed, else the first that is no folder; empty: none.
std::string find_in_path(const std::string& word, const std::string& path, const std::string& cwd) {
    std::string other;
    for (std::size_t begin = 0; !word.empty() && begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::string found = join(join(cwd, path.substr(begin, end - begin)), word);
        if (is_executable(found)) {
            return found;
        }
        const File kind = kind_of(found);
        if (other.empty() && kind != File::None && kind != File::Folder) {
            other = found;
        }
        begin = end + 1;
    }
    return other;
}

/// At most 256 bytes of it, as binfmt_script in the kernel.
std::string read_first_line(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    std::array<char, 256> text{};
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
    const std::string_view begin(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    return begin.starts_with("#!") ? std::string(begin.substr(0, begin.find('\n'))) : "";
}

/// An interpreter is named by its path, which the kernel follows from the working directory.
bool has_interpreter(const std::string& first_line, const std::string& cwd) {
    const std::size_t begin = first_line.find_first_not_of(blanks, 2);
    if (begin == std::string::npos) {
        return true;
    }
    const std::string path = first_line.substr(begin, first_line.find_first_of(blanks, begin) - begin);
    return kind_of(join(cwd, path)) != File::None;
}

void look_at_file(ProgramFacts& facts, const std::string& cwd) {
    const std::string path = join(cwd, facts.path);
    mode_t mode = 0;
    facts.file = kind_of(path, mode);
    facts.has_x_bit = (mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    facts.executable = is_executable(path);
    struct statvfs mount {};
    facts.noexec = ::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
    if (facts.file == File::Regular) {
        facts.first_line = read_first_line(path);
        facts.interpreter_is_there = facts.first_line.empty() || has_interpreter(facts.first_line, cwd);
    }
}

}  // namespace

ProgramFacts look_at_program(const std::string& word, const std::vector<std::string>& environment,
                             const std::string& cwd) {
    ProgramFacts facts;
    const std::string path = search_path(environment);
    const bool is_path = word.find('/') != std::string::npos;
    facts.folder = cwd.empty() ? working_directory() : join(working_directory(), cwd);
    facts.path = is_path ? word : find_in_path(word, path, cwd);
    if (!facts.path.empty()) {
        look_at_file(facts, cwd);
    } else if (!word.empty()) {
        const std::string here = join(cwd, word);
        facts.here = kind_of(here);
        facts.here_executable = is_executable(here);
        facts.first_line = facts.here == File::Regular ? read_first_line(here) : "";
        // Debian has python3 and pip3, and nothing without the number.
        const std::string similar = word + "3";
        facts.similar = is_executable(find_in_path(similar, path, cwd)) ? similar : "";
    }
    if (const std::size_t blank = word.find_first_of(" \t\n"); blank != std::string::npos && blank != 0) {
        const std::string first = word.substr(0, blank);
        facts.first_of_several =
            is_executable(first.find('/') != std::string::npos ? join(cwd, first) : find_in_path(first, path, cwd));
    }
    return facts;
}

}  // namespace vlmshim::os
