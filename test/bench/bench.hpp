// vlmshim-bench: what ./dev bench measures with, and the processes that it measures.
// All times are CLOCK_MONOTONIC in nanoseconds, which every process of a machine shares.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

using Words = std::vector<std::string>;
using Nanoseconds = std::int64_t;

// --- words -----------------------------------------------------------------------------------
[[noreturn]] void die(const std::string& what);  // exit 99, with errno
[[noreturn]] void usage();                       // exit 98
std::string next(Words& words);                  // takes the first word; usage() if none
int next_number(Words& words);
/// What follows "--", one command or several with "+++" between them; usage() if none.
std::vector<Words> commands(Words& words);

// --- processes -------------------------------------------------------------------------------
/// As a shell would start it, with /dev/null for stdin, stdout and stderr.
pid_t spawn(const Words& command);
/// An exit status, or 128+N.
int shell_status(int wait_status);
pid_t fork_or_die();

// --- time ------------------------------------------------------------------------------------
Nanoseconds now();
/// A file that a time goes to: opened before, so that stamping is one system call.
int open_stamp(const std::string& path);
void stamp(int file, Nanoseconds time);
/// 0 when nothing was stamped.
Nanoseconds read_stamp(const std::string& path);

// --- actions; the result is an exit status -----------------------------------------------------
int time_commands(Words words);
int until_exit(Words words);
int in_cgroup(Words words);
int latency(Words words);
int target(Words words);
int tree(Words words);
int crowd(Words words);
int pause_ready(Words words);
int stamp_now(Words words);
int serve(Words words);

}  // namespace bench
