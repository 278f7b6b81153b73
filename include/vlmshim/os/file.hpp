// Whole small files, as in /proc.
#pragma once

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

/// Absolute; empty: it was removed or cannot be seen.
std::string working_directory();

struct Pipe {
    Fd reader;
    Fd writer;
};
/// Both ends are closed on exec, pipe(2).
Pipe open_pipe(std::error_code& error);
/// The reading end of a pipe that holds this text and then ends. ENOBUFS: more than a pipe takes, 64 KiB as a rule.
Fd pipe_with(std::string_view text, std::error_code& error);

/// The numeric entries of a folder: pids of /proc, thread ids of /proc/PID/task.
std::vector<Pid> numbers_in(const std::string& folder);

}  // namespace vlmshim::os
