// The first line of an HTTP answer: all that a readiness probe reads.
#pragma once

#include <string_view>

namespace vlmshim {

struct HttpStatusLine {
    enum class State { Incomplete, Valid, Invalid };
    State state = State::Incomplete;
    int status = 0;  // 100..599 when Valid

    bool ready() const { return state == State::Valid && status >= 200 && status < 300; }
};

/// Reads "HTTP/1.1 200 OK\r\n" from what has arrived so far (RFC 9112 section 4). Longer than
/// 1 KiB without a line end, or anything else at its start, is Invalid.
HttpStatusLine parse_http_status(std::string_view received);

}  // namespace vlmshim
