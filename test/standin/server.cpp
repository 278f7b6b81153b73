#include "server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "answer.hpp"

namespace standin {

namespace {

using Millis = std::chrono::milliseconds;

void set_nonblocking(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int listen_on(const ServerOptions& options) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(options.port);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(options.port);
    const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
    const bool is_v4 = inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) {
        fail("'" + host + "' after --host is no address");
    }
    const auto* address = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    const socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
    const int fd = socket(address->sa_family, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address, size) < 0 || listen(fd, 128) < 0) {
        fail("couldn't bind HTTP server socket, hostname: " + host + ", port: " + std::to_string(options.port) + ": " +
             std::strerror(errno));
    }
    set_nonblocking(fd);
    std::fprintf(
        stderr, is_v4 ? "main: server is listening on http://%s:%u\n" : "main: server is listening on http://[%s]:%u\n",
        host.c_str(), unsigned{options.port});
    return fd;
}

Reply answer(const Request& request, bool loading) {
    if (loading) {
        return error_reply(503, "unavailable_error", "Loading model");
    }
    const bool get = request.method == "GET" || request.method == "HEAD";
    const std::string_view path = request.path;
    if (get && (path == "/health" || path == "/v1/health")) {
        return {200, R"({"status":"ok"})"};
    }
    if (get && (path == "/v1/models" || path == "/models")) {
        return list_models();
    }
    if (path == "/v1/chat/completions" || path == "/chat/completions") {
        return request.method == "POST" ? answer_chat(request.body)
                                        : error_reply(405, "invalid_request_error", "POST a request here");
    }
    return error_reply(404, "not_found_error", "File Not Found");
}

}  // namespace

void fail(const std::string& message) {
    std::fprintf(stderr, "vlmshim-standin: error: %s\n", message.c_str());
    std::exit(1);
}

Server::Server(const ServerOptions& options, int stop_fd)
    : options_(options),
      stop_fd_(stop_fd),
      listen_at_(Clock::now() + options.delay_refused),
      loaded_at_(listen_at_ + options.delay_loading) {}

void Server::run() {
    while (!finished()) {
        pass_timers();
        std::vector<pollfd> polled = interests();
        if (poll(polled.data(), polled.size(), milliseconds_to_timer()) < 0) {
            continue;  // EINTR
        }
        stopping_ = stopping_ || polled[0].revents != 0;
        auto entry = polled.begin() + 2;
        for (Connection& connection : connections_) {
            serve(connection, (entry++)->revents);
        }
        connections_.remove_if([](const Connection& connection) { return connection.dead; });
        if (polled[1].revents != 0) {
            accept_all();
        }
    }
}

bool Server::finished() {
    if (!stopping_) {
        return false;
    }
    if (listener_ >= 0) {
        std::fputs("srv    operator(): operator(): cleaning up before exit...\n", stderr);
        close(listener_);
    }
    listener_ = -1;
    return std::none_of(connections_.begin(), connections_.end(), [](const Connection& one) { return one.busy(); });
}

void Server::pass_timers() {
    if (stopping_) {
        return;
    }
    const Clock::time_point now = Clock::now();
    if (listener_ < 0 && now >= listen_at_) {
        listener_ = listen_on(options_);
        std::fputs("main: loading model\n", stderr);
    }
    if (loading_ && now >= loaded_at_) {
        loading_ = false;
        std::fputs("main: model loaded\n", stderr);
    }
}

int Server::milliseconds_to_timer() const {
    if (stopping_ || (listener_ >= 0 && !loading_)) {
        return -1;
    }
    const Clock::time_point next = listener_ < 0 ? listen_at_ : loaded_at_;
    return static_cast<int>(std::max<Millis::rep>(0, std::chrono::ceil<Millis>(next - Clock::now()).count()));
}

std::vector<pollfd> Server::interests() const {
    constexpr std::size_t most_connections = 256;
    std::vector<pollfd> polled{{stopping_ ? -1 : stop_fd_, POLLIN, 0},
                               {connections_.size() < most_connections ? listener_ : -1, POLLIN, 0}};
    for (const Connection& connection : connections_) {
        polled.push_back({connection.fd, static_cast<short>(connection.out.empty() ? POLLIN : POLLOUT), 0});
    }
    return polled;
}

void Server::accept_all() {
    for (int fd = -1; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
        set_nonblocking(fd);
        connections_.emplace_back().fd = fd;
    }
}

void Server::serve(Connection& connection, short events) {
    if (events == 0) {
        return;
    }
    if (connection.out.empty()) {
        receive(connection);
    } else {
        send_out(connection);
    }
    while (!connection.dead && !connection.draining && connection.out.empty() && answer_next(connection)) {
    }
    if (connection.dead) {
        close(connection.fd);
    }
}

void Server::receive(Connection& connection) {
    static char bytes[256 * 1024];
    const ssize_t size = recv(connection.fd, bytes, sizeof bytes, 0);
    if (size <= 0) {
        connection.dead = size == 0 || (errno != EAGAIN && errno != EINTR);
    } else if (!connection.draining) {
        connection.reader.feed({bytes, static_cast<std::size_t>(size)});
    }
}

/// False when no complete request has arrived. A pipelined one waits until the answer before it is sent.
bool Server::answer_next(Connection& connection) {
    switch (connection.reader.next()) {
        case RequestReader::State::NeedsMore:
            if (connection.reader.take_continue()) {
                connection.out = "HTTP/1.1 100 Continue\r\n\r\n";
                send_out(connection);
            }
            return false;
        case RequestReader::State::Bad:
            connection.reader.request().keep_alive = false;
            reply(connection, connection.reader.error());
            return true;
        case RequestReader::State::Complete:
            reply(connection, answer(connection.reader.request(), loading_));
            return true;
    }
    return false;
}

void Server::reply(Connection& connection, const Reply& reply) {
    const Request& request = connection.reader.request();
    if (request.path != "/health") {
        std::fprintf(stderr, "srv  log_server_r: request: %s %s %d\n", request.method.c_str(), request.path.c_str(),
                     reply.status);
    }
    connection.out = format_reply(reply, request);
    connection.close_when_sent = !request.keep_alive;
    send_out(connection);
}

void Server::send_out(Connection& connection) {
    const ssize_t size = send(connection.fd, connection.out.data(), connection.out.size(), 0);
    if (size < 0) {
        connection.dead = errno != EAGAIN && errno != EINTR;
        return;
    }
    connection.out.erase(0, static_cast<std::size_t>(size));
    if (connection.out.empty() && connection.close_when_sent) {
        shutdown(connection.fd, SHUT_WR);
        connection.draining = true;
    }
}

}  // namespace standin
