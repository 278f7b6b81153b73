#include "vlmshim/core/values/signal_names.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

struct Named {
    std::string_view name;
    int number;
};

/// The preferred name of a number comes first, its aliases later.
constexpr std::array<Named, 34> standard_signals{{
    {"SIGHUP", SIGHUP},       {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT},   {"SIGILL", SIGILL},   {"SIGTRAP", SIGTRAP},
    {"SIGABRT", SIGABRT},     {"SIGBUS", SIGBUS},   {"SIGFPE", SIGFPE},     {"SIGKILL", SIGKILL}, {"SIGUSR1", SIGUSR1},
    {"SIGSEGV", SIGSEGV},     {"SIGUSR2", SIGUSR2}, {"SIGPIPE", SIGPIPE},   {"SIGALRM", SIGALRM}, {"SIGTERM", SIGTERM},
    {"SIGSTKFLT", SIGSTKFLT}, {"SIGCHLD", SIGCHLD}, {"SIGCONT", SIGCONT},   {"SIGSTOP", SIGSTOP}, {"SIGTSTP", SIGTSTP},
    {"SIGTTIN", SIGTTIN},     {"SIGTTOU", SIGTTOU}, {"SIGURG", SIGURG},     {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ},
    {"SIGVTALRM", SIGVTALRM}, {"SIGPROF", SIGPROF}, {"SIGWINCH", SIGWINCH}, {"SIGIO", SIGIO},     {"SIGPWR", SIGPWR},
    {"SIGSYS", SIGSYS},       {"SIGIOT", SIGIOT},   {"SIGCLD", SIGCHLD},    {"SIGPOLL", SIGPOLL},
}};

/// Without those that the C library reserves.
bool is_real_time(int number) {
    return number >= SIGRTMIN && number <= SIGRTMAX;
}

std::optional<Signal> parse_real_time(std::string_view name) {
    const bool from_min = name.substr(0, 8) == "SIGRTMIN";
    if (!from_min && name.substr(0, 8) != "SIGRTMAX") {
        return std::nullopt;
    }
    const int base = from_min ? SIGRTMIN : SIGRTMAX;
    const std::string_view offset = name.substr(8);
    if (offset.empty()) {
        return Signal{base};
    }
    std::uint8_t distance = 0;
    if (offset.front() != (from_min ? '+' : '-') || !read_number(offset.substr(1), distance) ||
        distance > SIGRTMAX - SIGRTMIN) {
        return std::nullopt;
    }
    return Signal{from_min ? base + distance : base - distance};
}

bool has_name(int number) {
    return is_real_time(number) || std::any_of(standard_signals.begin(), standard_signals.end(),
                                               [&](const Named& signal) { return signal.number == number; });
}

}  // namespace

std::optional<Signal> parse_signal(std::string_view text) {
    if (Signal signal; read_number(text, signal.number)) {
        return has_name(signal.number) ? std::optional(signal) : std::nullopt;
    }
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), to_capital);
    if (name.substr(0, 3) != "SIG") {
        name.insert(0, "SIG");
    }
    for (const Named& signal : standard_signals) {
        if (signal.name == name) {
            return Signal{signal.number};
        }
    }
    return parse_real_time(name);
}

std::string signal_name(Signal signal) {
    for (const Named& named : standard_signals) {
        if (named.number == signal.number) {
            return std::string(named.name);
        }
    }
    if (!is_real_time(signal.number)) {
        return "signal " + std::to_string(signal.number);
    }
    const int offset = signal.number - SIGRTMIN;
    return offset == 0 ? "SIGRTMIN" : "SIGRTMIN+" + std::to_string(offset);
}

std::vector<std::string> signal_names() {
    std::vector<std::string> names;
    for (const Named& named : standard_signals) {
        names.emplace_back(named.name);
    }
    return names;
}

}  // namespace vlmshim
