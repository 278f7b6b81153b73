// Whole small files, as in /proc and configuration.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Reads to the end, at most `limit` bytes. nullopt: cannot be opened or read; `error` says why.
std::optional<std::string> read_file(const char* path, std::error_code& error, std::size_t limit = 1U << 24);
std::optional<std::string> read_file(const char* path);

/// Opens for appending (mode 0666 less umask), creating it but not its folder.
Fd open_for_append(const char* path, std::error_code& error);

/// Replaces a regular file in one step: readers see the old text or the new one. A symbolic link
/// stays, and what it points to is replaced. What is no regular file (a FIFO, /dev/null) is written
/// to instead, without waiting for a reader. New files have mode 0666 less umask.
std::error_code replace_file(const std::string& path, const std::string& text);
/// What a process that was killed in the middle of that left behind.
void remove_unfinished(const std::string& path, Pid writer);

/// A symbolic link that leads nowhere is not.
bool is_there(const char* path);
/// Absolute; empty: it was removed or cannot be seen.
std::string working_directory();

/// False also when there is no such file.
bool is_owned_by_us_or_root(const char* path);

struct Pipe {
    Fd reader;
    Fd writer;
};
/// Both ends are closed on exec, pipe(2).
Pipe open_pipe(std::error_code& error);

/// The numeric entries of a folder: pids of /proc, thread ids of /proc/PID/task.
std::vector<Pid> numbers_in(const std::string& folder);

}  // namespace vlmshim::os
