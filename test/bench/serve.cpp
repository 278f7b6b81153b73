// A server as llama-server is while it loads: it listens at once, answers 503, and 200 from a moment on that it tells
// to the nanosecond. Or one as most others are: until that moment it does not listen.
#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "bench.hpp"

namespace bench {

namespace {

int listen_on(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(socket, 64) < 0) {
        die("port " + std::to_string(port));
    }
    return socket;
}

int read_signals() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

/// One request; who sends none within a second is let go.
void answer(int client, std::string_view status) {
    pollfd readable{client, POLLIN, 0};
    char request[4096];
    if (poll(&readable, 1, 1000) > 0 && recv(client, request, sizeof request, 0) > 0) {
        const std::string text =
            "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        send(client, text.data(), text.size(), MSG_NOSIGNAL);
    }
    close(client);
}

}  // namespace

int serve(Words words) {
    const int port = next_number(words);
    const Nanoseconds ready_at = now() + Nanoseconds{next_number(words)} * 1'000'000;
    const int ready_file = open_stamp(next(words));
    const int end_file = open_stamp(next(words));
    const bool late = !words.empty() && next(words) == "late";
    const int signals = read_signals();
    int listener = late ? -1 : listen_on(port);
    bool ready = false;
    for (;;) {
        pollfd waiting[] = {{signals, POLLIN, 0}, {listener, POLLIN, 0}};
        const Nanoseconds left = ready_at - now();
        const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
        const timespec none{};
        if (ppoll(waiting, 2, ready ? nullptr : left > 0 ? &limit : &none, nullptr) < 0 && errno != EINTR) {
            die("ppoll");
        }
        if (!ready && now() >= ready_at) {
            ready = true;
            listener = late ? listen_on(port) : listener;
            stamp(ready_file, now());
        }
        if ((waiting[0].revents & POLLIN) != 0) {
            stamp(end_file, now());
            return 0;
        }
        if ((waiting[1].revents & POLLIN) != 0) {
            answer(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), ready ? "200 OK" : "503 Service Unavailable");
        }
    }
}

}  // namespace bench
