// From kill(2) to the handler, through whatever stands between.
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "bench.hpp"

namespace bench {

namespace {

/// In a file that sender and target have mapped.
struct Slot {
    std::atomic<std::uint32_t> ready;
    std::atomic<std::uint32_t> handled;  // how often
    std::atomic<Nanoseconds> at;         // the last time
};
static_assert(std::atomic<Nanoseconds>::is_always_lock_free);

constexpr int limit_seconds = 5;

Slot* map_slot(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(Slot)) < 0) {
        die(path);
    }
    void* const memory = mmap(nullptr, sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        die("mmap");
    }
    return static_cast<Slot*>(memory);
}

/// Returns when it is no longer `old`; dies when that takes too long.
void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t old, const char* what) {
    const timespec limit{limit_seconds, 0};
    const Nanoseconds end = now() + Nanoseconds{limit_seconds} * 1'000'000'000;
    while (word.load() == old) {
        syscall(SYS_futex, &word, FUTEX_WAIT, old, &limit, nullptr, 0);
        if (now() > end) {
            errno = ETIMEDOUT;
            die(what);
        }
    }
}

void set_and_wake(std::atomic<std::uint32_t>& word, std::uint32_t value) {
    word.store(value);
    syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

Slot* own_slot = nullptr;

void on_signal(int) {
    own_slot->at.store(now());
    set_and_wake(own_slot->handled, own_slot->handled.load() + 1);
}

std::string own_path() {
    char path[4096] = {};
    if (readlink("/proc/self/exe", path, sizeof path - 1) < 0) {
        die("/proc/self/exe");
    }
    return path;
}

/// Everybody sleeps by then; of changing length, so that it keeps step with no timer.
void let_rest(int round) {
    const timespec gap{0, 500'000 + (round % 17) * 50'000};
    nanosleep(&gap, nullptr);
}

}  // namespace

int target(Words words) {
    own_slot = map_slot(next(words));
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, nullptr);
    alarm(300);  // should everybody else have died
    set_and_wake(own_slot->ready, 1);
    for (;;) {
        pause();
    }
}

int latency(Words words) {
    const std::vector<Words> wrappers = commands(words);
    const int rounds = next_number(words);
    const int warmups = next_number(words);
    const std::string folder = next(words);
    struct Wrapped {
        pid_t pid;
        Slot* slot;
    };
    std::vector<Wrapped> wrapped;
    for (Words command : wrappers) {
        const std::string file = folder + "/slot-" + std::to_string(wrapped.size());
        Slot* const slot = map_slot(file);
        command.insert(command.end(), {own_path(), "target", file});
        wrapped.push_back({spawn(command), slot});
        wait_while(slot->ready, 0, "a target is not ready");
    }
    for (int round = -warmups; round < rounds; ++round) {
        for (std::size_t index = 0; index < wrapped.size(); ++index) {
            const auto [pid, slot] = wrapped[index];
            let_rest(round + warmups);
            const std::uint32_t before = slot->handled.load();
            const Nanoseconds sent = now();
            kill(pid, SIGUSR1);
            wait_while(slot->handled, before, "a signal was lost");
            if (round >= 0) {
                std::printf("%zu %lld\n", index, static_cast<long long>(slot->at.load() - sent));
            }
        }
    }
    for (const Wrapped& one : wrapped) {
        kill(one.pid, SIGTERM);
        waitpid(one.pid, nullptr, 0);
    }
    return 0;
}

}  // namespace bench
