// The stand-in's HTTP server: one thread, one poll. It refuses connections, then "loads", then
// answers, at the times of its two timers.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include <poll.h>

#include "http.hpp"

namespace standin {

struct ServerOptions {
    std::uint16_t port = 0;
    std::string host = "127.0.0.1";
    std::chrono::milliseconds delay_refused{10};
    std::chrono::milliseconds delay_loading{300};
};

struct Connection {
    int fd = -1;
    RequestReader reader;
    std::string out;
    bool close_when_sent = false;
    bool draining = false;  // the answer is sent; reads until the client closes, since a reset could discard the answer
    bool dead = false;

    bool busy() const { return !out.empty() || (!draining && !reader.idle()); }
};

class Server {
public:
    /// Once `stop_fd` is readable the server takes no more connections.
    Server(const ServerOptions& options, int stop_fd);

    /// Returns after `stop_fd` became readable and no request is in flight: like llama-server, it waits for a client
    /// in the middle of one. Exits with 1 if the port cannot be bound.
    void run();

private:
    using Clock = std::chrono::steady_clock;

    bool finished();
    void pass_timers();
    int milliseconds_to_timer() const;
    std::vector<pollfd> interests() const;
    void accept_all();
    void serve(Connection& connection, short events);
    void receive(Connection& connection);
    bool answer_next(Connection& connection);
    void reply(Connection& connection, const Reply& reply);
    void send_out(Connection& connection);

    ServerOptions options_;
    int stop_fd_;
    Clock::time_point listen_at_;
    Clock::time_point loaded_at_;
    int listener_ = -1;
    bool loading_ = true;
    bool stopping_ = false;
    std::list<Connection> connections_;
};

[[noreturn]] void fail(const std::string& message);

}  // namespace standin
