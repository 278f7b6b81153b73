// Processes in numbers. Each sits in pause(2).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <new>

#include "bench.hpp"

namespace bench {

namespace {

constexpr int children_of_a_worker = 9;

std::atomic<int>& shared_counter() {
    void* const memory =
        mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        die("mmap");
    }
    return *new (memory) std::atomic<int>(0);
}

void wait_until(const std::atomic<int>& counter, int value) {
    while (counter.load() < value) {
        const timespec little{0, 1'000'000};
        nanosleep(&little, nullptr);
    }
}

[[noreturn]] void sleep_for_ever() {
    for (;;) {
        pause();
    }
}

/// Number `index` of the tree; every other one leaves the session of the test.
[[noreturn]] void be_descendant(int index, int below, std::atomic<int>& there) {
    if (index % 2 == 1) {
        setsid();
    }
    for (int child = 1; child <= below; ++child) {
        if (fork_or_die() == 0) {
            be_descendant(index + child, 0, there);
        }
    }
    there.fetch_add(1);
    sleep_for_ever();
}

}  // namespace

// Workers with nine children each, as a test that uses process pools has them.
int tree(Words words) {
    const int count = next_number(words);
    const int file = open_stamp(next(words));
    std::atomic<int>& there = shared_counter();
    for (int index = 0; index < count;) {
        const int below = std::min(children_of_a_worker, count - index - 1);
        if (fork_or_die() == 0) {
            be_descendant(index, below, there);
        }
        index += 1 + below;
    }
    wait_until(there, count);
    stamp(file, now());
    _exit(0);
}

int crowd(Words words) {
    const int count = next_number(words);
    const int descriptors = next_number(words);
    const std::string file = next(words);
    std::atomic<int>& there = shared_counter();
    std::vector<pid_t> members;
    for (int index = 0; index < count; ++index) {
        const pid_t pid = fork_or_die();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (int fd = 3; fd < descriptors; ++fd) {  // 0, 1 and 2 are open
                open("/dev/null", O_RDWR);
            }
            there.fetch_add(1);
            sleep_for_ever();
        }
        members.push_back(pid);
    }
    wait_until(there, count);
    stamp(open_stamp(file), now());
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    for (const pid_t member : members) {
        kill(member, SIGKILL);
    }
    while (wait(nullptr) > 0) {
    }
    return 0;
}

int pause_ready(Words words) {
    stamp(open_stamp(next(words)), now());
    alarm(300);  // should everybody else have died
    sleep_for_ever();
}

int stamp_now(Words words) {
    const Nanoseconds time = now();
    stamp(open_stamp(next(words)), time);
    return 0;
}

}  // namespace bench
