// vlmshim-standin: a stand-in for llama-server where there is no model. It behaves like the original
// where vlmshim depends on it: connections refused at first, 503 while "loading", then 200; a worker
// process below it; the first SIGINT or SIGTERM ends it with 0 once no request is in flight, a
// second one with 1 at once. It answers a question about an image with facts of the image's bytes.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server.hpp"

namespace standin {

namespace {

using Millis = std::chrono::milliseconds;

struct Options {
    ServerOptions server;
    bool worker = true;
};

[[noreturn]] void fail_with_usage(const std::string& message) {
    fail(message +
         "\nusage: vlmshim-standin --port N [--host ADDRESS] [--delay-refused MS] [--delay-loading MS] [--no-worker]");
}

long read_count(std::string_view option, std::string_view text, long most) {
    long number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > most) {
        fail_with_usage("'" + std::string(text) + "' after " + std::string(option) + " is no number from 0 to " +
                        std::to_string(most));
    }
    return number;
}

Options read_options(const std::vector<std::string_view>& arguments) {
    Options options;
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        const std::string_view option = *argument;
        const auto value = [&] {
            if (++argument == arguments.end()) {
                fail_with_usage(std::string(option) + " needs a value");
            }
            return *argument;
        };
        if (option == "--port") {
            options.server.port = static_cast<std::uint16_t>(read_count(option, value(), 65535));
        } else if (option == "--host") {
            options.server.host = value();
        } else if (option == "--delay-refused") {
            options.server.delay_refused = Millis(read_count(option, value(), 3'600'000));
        } else if (option == "--delay-loading") {
            options.server.delay_loading = Millis(read_count(option, value(), 3'600'000));
        } else if (option == "--no-worker") {
            options.worker = false;
        } else {
            fail_with_usage("unknown argument '" + std::string(option) + "'");
        }
    }
    if (options.server.port == 0) {
        fail_with_usage("--port is missing, or 0");
    }
    return options;
}

void set_handler(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(signal, &action, nullptr);
}

volatile std::sig_atomic_t stop_requested = 0;
int stop_pipe[2];  // readable after a stop signal

void on_stop_signal(int) {
    if (stop_requested != 0) {
        _exit(1);
    }
    stop_requested = 1;
    const int saved_errno = errno;
    [[maybe_unused]] const ssize_t written = write(stop_pipe[1], "", 1);
    errno = saved_errno;
}

/// An idle child. It reads from a pipe that only its parent can write to: end of file means that the
/// parent has exited, for whatever reason.
[[noreturn]] void be_worker(int lifeline) {
    char byte = 0;
    while (read(lifeline, &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

/// Installs the signal handlers as well: a signal between the two must neither be lost nor run the
/// parent's handler in the worker.
std::optional<pid_t> start(const Options& options) {
    sigset_t stop_signals;
    sigset_t before;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGINT);
    sigaddset(&stop_signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop_signals, &before);
    std::optional<pid_t> worker;
    if (options.worker) {
        int lifeline[2];
        if (pipe(lifeline) < 0 || (worker = fork()) < 0) {
            fail(std::string("no worker: ") + std::strerror(errno));
        }
        if (worker == 0) {
            close(lifeline[1]);
            set_handler(SIGINT, SIG_IGN);
            set_handler(SIGTERM, SIG_DFL);
            sigprocmask(SIG_SETMASK, &before, nullptr);
            be_worker(lifeline[0]);
        }
        close(lifeline[0]);
    }
    if (pipe(stop_pipe) < 0) {
        fail(std::string("pipe: ") + std::strerror(errno));
    }
    set_handler(SIGPIPE, SIG_IGN);
    set_handler(SIGINT, on_stop_signal);
    set_handler(SIGTERM, on_stop_signal);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return worker;
}

void end_worker(pid_t worker) {
    kill(worker, SIGTERM);
    kill(worker, SIGCONT);  // a stopped worker would not exit
    while (waitpid(worker, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace

}  // namespace standin

int main(int argc, char** argv) {
    const standin::Options options = standin::read_options({argv + 1, argv + argc});
    const std::optional<pid_t> worker = standin::start(options);
    standin::Server(options.server, standin::stop_pipe[0]).run();
    if (worker) {
        standin::end_worker(*worker);
    }
    return 0;
}
