#include "vlmshim/os/signals.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

/// All of them, SIGSEGV and the like too: the kernel forces a fault of our own on us although it is blocked, and one
/// sent by kill(2) is a signal like any other.
sigset_t every_signal() {
    sigset_t set;
    sigfillset(&set);
    return set;
}

constexpr std::array terminating{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The signal's default action, as if it had never been blocked; returns when that does not end us.
void take_default_action(Signal signal) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal.number, &standard, nullptr);
    sigset_t set;
    sigset_t before;
    sigemptyset(&set);
    sigaddset(&set, signal.number);
    ::raise(signal.number);
    pthread_sigmask(SIG_UNBLOCK, &set, &before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Fd open_descriptor_of(const sigset_t& set, std::error_code& error) {
    Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    error = fd ? std::error_code{} : last_error();
    return fd;
}

}  // namespace

InheritedSignals block_all_signals() {
    InheritedSignals inherited;
    const sigset_t set = every_signal();
    pthread_sigmask(SIG_SETMASK, &set, &inherited.mask);
    sigemptyset(&inherited.ignored);
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD}) {
        struct sigaction current {};
        if (sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN) {
            sigaddset(&inherited.ignored, signal);
        }
    }
    inherited.child_ignored = sigismember(&inherited.ignored, SIGCHLD) == 1;
    // Also clears SA_NOCLDWAIT, which would lose statuses as SIG_IGN does, sigaction(2).
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &standard, nullptr);
    return inherited;
}

bool is_ignored(const InheritedSignals& inherited, Signal signal) {
    return sigismember(&inherited.ignored, signal.number) == 1;
}

void restore_signals(const InheritedSignals& inherited) {
    if (inherited.child_ignored) {
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        sigaction(SIGCHLD, &ignore, nullptr);
    }
    pthread_sigmask(SIG_SETMASK, &inherited.mask, nullptr);
}

void block_sigpipe() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool is_ignored_now(Signal signal) {
    struct sigaction current {};
    return sigaction(signal.number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

Fd open_signal_descriptor(const std::vector<Signal>& signals, std::error_code& error) {
    sigset_t set;
    sigemptyset(&set);
    for (const Signal signal : signals) {
        sigaddset(&set, signal.number);
    }
    return open_descriptor_of(set, error);
}

Fd open_signal_descriptor(std::error_code& error) {
    return open_descriptor_of(every_signal(), error);
}

std::vector<SignalInfo> read_signals(int descriptor) {
    std::vector<SignalInfo> signals;
    std::array<signalfd_siginfo, 16> buffer;
    for (;;) {
        const ssize_t got = ::read(descriptor, buffer.data(), sizeof buffer);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return signals;
        }
        const std::size_t count = static_cast<std::size_t>(got) / sizeof(signalfd_siginfo);
        for (std::size_t i = 0; i < count; ++i) {
            const signalfd_siginfo& info = buffer[i];
            signals.push_back({.signal = Signal{static_cast<int>(info.ssi_signo)},
                               .sender = Pid{static_cast<int>(info.ssi_pid)},
                               .code = info.ssi_code == SI_KERNEL ? SignalCode::Kernel : SignalCode::Process});
        }
        if (count < buffer.size()) {
            return signals;  // later ones make the descriptor readable again
        }
    }
}

bool termination_is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return std::any_of(terminating.begin(), terminating.end(),
                       [&](int signal) { return sigismember(&pending, signal) == 1; });
}

void die_by(Signal signal) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::prctl(PR_SET_DUMPABLE, 0);  // a core_pattern that is a pipe ignores the limit, core(5)
    take_default_action(signal);
}

void stop_by(Signal signal) {
    take_default_action(signal);
    // A stop signal discards a pending SIGCONT, and the SIGCONT that ends the stop stays pending, since it is blocked:
    // with none pending there was no stop.
    sigset_t pending;
    sigpending(&pending);
    if (sigismember(&pending, SIGCONT) == 0) {
        take_default_action(Signal{SIGSTOP});
    }
}

}  // namespace vlmshim::os
