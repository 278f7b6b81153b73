// Words, processes and stamps.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "bench.hpp"

namespace bench {

void die(const std::string& what) {
    std::fprintf(stderr, "vlmshim-bench[%d]: %s: %s\n", getpid(), what.c_str(), std::strerror(errno));
    std::_Exit(99);
}

std::string next(Words& words) {
    if (words.empty()) {
        usage();
    }
    std::string first = words.front();
    words.erase(words.begin());
    return first;
}

int next_number(Words& words) {
    const std::string word = next(words);
    int value = 0;
    const char* end = word.data() + word.size();
    if (word.empty() || std::from_chars(word.data(), end, value).ptr != end) {
        usage();
    }
    return value;
}

std::vector<Words> commands(Words& words) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes == words.end()) {
        usage();
    }
    std::vector<Words> found;
    for (auto begin = dashes + 1; begin <= words.end();) {
        const auto end = std::find(begin, words.end(), "+++");
        if (begin == end) {
            usage();
        }
        found.emplace_back(begin, end);
        if (end == words.end()) {
            break;
        }
        begin = end + 1;
    }
    words.erase(dashes, words.end());
    return found;
}

pid_t spawn(const Words& command) {
    std::vector<char*> argv;
    for (const std::string& word : command) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    static const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    static posix_spawn_file_actions_t* const quiet = [] {
        static posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        for (int fd = 0; fd < 3; ++fd) {
            posix_spawn_file_actions_adddup2(&actions, nothing, fd);
        }
        return &actions;
    }();
    pid_t pid = 0;
    if (const int error = posix_spawnp(&pid, argv.front(), quiet, nullptr, argv.data(), environ)) {
        errno = error;
        die(command.front());
    }
    return pid;
}

int shell_status(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

pid_t fork_or_die() {
    const pid_t pid = fork();
    if (pid < 0) {
        die("fork");
    }
    return pid;
}

Nanoseconds now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int open_stamp(const std::string& path) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        die(path);
    }
    return file;
}

void stamp(int file, Nanoseconds time) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text - 1, time).ptr;
    *end = '\n';
    if (write(file, text, static_cast<std::size_t>(end + 1 - text)) < 0) {
        die("stamp");
    }
}

Nanoseconds read_stamp(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char text[32] = {};
    const ssize_t got = file < 0 ? 0 : read(file, text, sizeof text - 1);
    close(file);
    Nanoseconds time = 0;
    if (got > 0) {
        std::from_chars(text, text + got, time);
    }
    return time;
}

}  // namespace bench
