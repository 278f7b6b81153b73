// Whole small files, as in /proc, pipes, and the names in a folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Reads to the end, at most `limit` bytes. nullopt: cannot be opened or read; `error` says why.
std::optional<std::string> read_file(const char* path, std::error_code& error, std::size_t limit = 1U << 24);
std::optional<std::string> read_file(const char* path);

/// Makes a file with this text, mode 0644 less umask. EEXIST: the name is taken, be it by a link. A file that could not
/// be written whole is removed again.
std::error_code write_new_file(const std::string& path, std::string_view text);

/// Appends all of it in one piece to a file that is there, O_APPEND in open(2). Never waits: NotWritten::NotPlain for
/// what is no regular file or has other names, a link included. EFBIG: it would have more than `most` bytes.
std::error_code append_to_file(const std::string& path, std::string_view text, std::uint64_t most);

/// Absolute, getcwd(3); empty: it was removed or cannot be seen.
std::string working_directory();

struct Pipe {
    Fd reader;
    Fd writer;
};
/// Both ends are closed on exec, pipe(2).
Pipe open_pipe(std::error_code& error);
/// The reading end of a pipe that holds this text and then ends. ENOBUFS: more than a pipe takes, 64 KiB as a rule.
Fd pipe_with(std::string_view text, std::error_code& error);

/// Of a process: "/proc/7/stat".
std::string proc_path(Pid pid, std::string_view file);

/// The numeric entries of a folder: pids of /proc, thread ids of /proc/PID/task.
std::vector<Pid> numbers_in(const std::string& folder);

/// Names of the regular files in a folder, and of links to such, sorted; of more than `limit` entries, some.
std::vector<std::string> files_in(const std::string& folder, std::size_t limit = 10'000);

}  // namespace vlmshim::os
