// How long commands take, from outside.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "bench.hpp"

namespace bench {

namespace {

Nanoseconds in_nanoseconds(const timeval& time) {
    return (Nanoseconds{time.tv_sec} * 1'000'000 + time.tv_usec) * 1000;
}

int wait_for(pid_t pid, rusage& usage) {
    int status = 0;
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            die("wait4");
        }
    }
    return shell_status(status);
}

/// As a subreaper: ends whatever came to us, and what comes to us when that has ended.
int end_leftovers() {
    int left = 0;
    const std::string list = "/proc/self/task/" + std::to_string(getpid()) + "/children";
    for (;;) {
        std::ifstream children(list);
        int living = 0;
        for (pid_t child = 0; children >> child;) {
            siginfo_t state{};
            waitid(P_PID, static_cast<id_t>(child), &state, WEXITED | WNOHANG | WNOWAIT);
            if (state.si_pid == 0 && kill(child, SIGKILL) == 0) {
                ++living;
            }
        }
        left += living;
        pid_t dead = 0;
        for (int reaped = 0; (dead = waitpid(-1, nullptr, reaped < living ? 0 : WNOHANG)) > 0; ++reaped) {
        }
        if (dead < 0 && errno == ECHILD) {
            return left;
        }
    }
}

void write_word(const std::string& path, const char* word) {
    std::ofstream file(path);
    file << word << std::flush;
    if (!file) {
        die(path);
    }
}

}  // namespace

int time_commands(Words words) {
    const std::vector<Words> measured = commands(words);
    const int runs = next_number(words);
    const int warmups = next_number(words);
    for (int run = -warmups; run < runs; ++run) {
        for (std::size_t turn = 0; turn < measured.size(); ++turn) {
            // A round starts with another one each time, so that nobody always follows the same.
            const std::size_t index = (turn + static_cast<std::size_t>(run + warmups)) % measured.size();
            rusage usage{};
            const Nanoseconds begin = now();
            const int status = wait_for(spawn(measured[index]), usage);
            const Nanoseconds wall = now() - begin;
            if (run >= 0) {
                const Nanoseconds cpu = in_nanoseconds(usage.ru_utime) + in_nanoseconds(usage.ru_stime);
                std::printf("%zu %lld %lld %d\n", index, static_cast<long long>(wall), static_cast<long long>(cpu),
                            status);
            }
        }
    }
    return 0;
}

int until_exit(Words words) {
    const Words command = commands(words).front();
    const std::string stamped = next(words);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    rusage usage{};
    const pid_t child = spawn(command);
    const int status = wait_for(child, usage);
    const Nanoseconds ended = now();
    const int left = end_leftovers();
    const Nanoseconds last = read_stamp(stamped);
    if (last == 0) {
        errno = ENODATA;
        die("the command ended with " + std::to_string(status) + " and stamped nothing");
    }
    std::printf("%lld %d %d %lld\n", static_cast<long long>(ended - last), left, status, static_cast<long long>(ended));
    return 0;
}

int in_cgroup(Words words) {
    const Words command = commands(words).front();
    const std::string folder = next(words);
    if (mkdir(folder.c_str(), 0755) < 0) {
        die(folder);
    }
    const std::string members = folder + "/cgroup.procs";
    const std::string kill_all = folder + "/cgroup.kill";
    const int events = open((folder + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC);
    const pid_t child = fork_or_die();
    if (child == 0) {
        write_word(members, "0");  // the writer itself, cgroups(7)
        std::vector<char*> argv;
        for (const std::string& word : command) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        execvp(argv.front(), argv.data());
        die(command.front());
    }
    rusage usage{};
    const int status = wait_for(child, usage);
    write_word(kill_all, "1");
    for (;;) {
        char text[128] = {};
        if (pread(events, text, sizeof text - 1, 0) <= 0) {
            die("cgroup.events");
        }
        if (std::string(text).find("populated 0") != std::string::npos) {
            break;
        }
        // Told at most once in 10 ms (CGROUP_FILE_NOTIFY_MIN_INTV in the kernel), so it is looked at too.
        pollfd change{events, POLLPRI, 0};
        const timespec little{0, 200'000};
        ppoll(&change, 1, &little, nullptr);
    }
    rmdir(folder.c_str());
    return status;
}

}  // namespace bench
