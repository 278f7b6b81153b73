// The part of HTTP/1.1 that a model server's clients use: Content-Length bodies, keep-alive.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "answer.hpp"

namespace standin {

struct Request {
    std::string method;
    std::string path;  // without "?query"
    std::string body;
    bool keep_alive = true;
};

/// One connection's bytes, cut into requests.
class RequestReader {
public:
    enum class State { NeedsMore, Complete, Bad };

    static constexpr std::size_t max_head = 64 * 1024;
    static constexpr std::size_t max_body = 32 * 1024 * 1024;

    void feed(std::string_view bytes) { buffer_.append(bytes); }

    /// Complete: `request()` is valid and its bytes are consumed. Bad: `error()`, then close.
    State next();

    Request& request() { return request_; }
    const Reply& error() const { return error_; }

    /// True once after the client has sent "Expect: 100-continue" and waits for the answer to it.
    bool take_continue();

    /// Nothing of a request has arrived.
    bool idle() const { return buffer_.empty() && !body_size_; }

private:
    bool read_head(std::string_view head);

    std::string buffer_;
    Request request_;
    Reply error_;
    std::optional<std::size_t> body_size_;  // set: the head is read
    bool expects_continue_ = false;
};

/// The whole answer on the wire.
std::string format_reply(const Reply& reply, const Request& request);

}  // namespace standin
