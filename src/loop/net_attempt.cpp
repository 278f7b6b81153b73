#include "net_attempt.hpp"

#include <sys/socket.h>

#include <utility>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/http_request.hpp"
#include "vlmshim/os/socket_address.hpp"

namespace vlmshim::loop {

namespace {

std::string request_for(const NetTarget& target) {
    const std::string host = target.host.text + ":" + std::to_string(target.port.number);
    return http_request(*target.http_path, host, target.headers);
}

}  // namespace

NetAttempt::NetAttempt(Loop& loop, NetTarget target, EndingAttempts& ending,
                       std::function<void(const NetAnswer&)> answered)
    : loop_(loop), target_(std::move(target)), ending_(ending), answered_(std::move(answered)), limit_(loop, [this] {
          time_ran_out();
      }) {}

NetAttempt::~NetAttempt() {
    close();
}

void NetAttempt::try_next_address() {
    const sockaddr_storage where = os::to_sockaddr(target_.host.addresses[next_++], target_.port);
    close();
    connection_.reset(new Connection);
    connection_->owner = weak_from_this();
    state_ = State::Connecting;
    http_ = HttpAnswer{};
    int result = uv_tcp_init(loop_.raw(), &connection_->uv);
    if (result == 0) {
        result = uv_tcp_connect(&connection_->connect, &connection_->uv, reinterpret_cast<const sockaddr*>(&where),
                                on_connected);
    }
    why_not_connected_ =
        result != 0 ? uv_strerror(result) : "no connection in " + describe_duration(probe_connect_limit);
    limit_.start(result != 0 ? Millis{0} : probe_connect_limit);
}

void NetAttempt::on_connected(uv_connect_t* connect, int status) {
    Connection& connection = Connection::of(reinterpret_cast<uv_tcp_t*>(connect->handle));
    const auto self = connection.owner.lock();
    if (!self || status == UV_ECANCELED) {
        return;
    }
    self->limit_.stop();
    if (status != 0) {
        self->failed(uv_strerror(status));
        return;
    }
    self->connected(connection);
}

void NetAttempt::connected(Connection& connection) {
    if (!target_.http_path) {
        connection_.reset();
        answer(ProbeResult::Ready, "connected");
        return;
    }
    state_ = State::Asking;
    connection.request = request_for(target_);
    const uv_buf_t data = uv_buf_init(connection.request.data(), static_cast<unsigned>(connection.request.size()));
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection.uv);
    uv_write(&connection.write, stream, &data, 1, nullptr);  // a failure shows at the read
    uv_read_start(
        stream,
        [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
            Connection& self = Connection::of(reinterpret_cast<uv_tcp_t*>(handle));
            *buffer = uv_buf_init(self.buffer.data(), static_cast<unsigned>(self.buffer.size()));
        },
        on_read);
}

void NetAttempt::on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    Connection& connection = Connection::of(reinterpret_cast<uv_tcp_t*>(stream));
    const auto self = connection.owner.lock();
    if (!self) {
        return;
    }
    if (size < 0) {
        self->closed(size == UV_EOF ? "closed the connection without an answer" : uv_strerror(static_cast<int>(size)));
    } else {
        self->received({buffer->base, static_cast<std::size_t>(size)});
    }
}

void NetAttempt::received(std::string_view bytes) {
    constexpr std::size_t most = 4 * 1024 * 1024;
    http_.take(bytes);
    read_ += bytes.size();
    if (state_ == State::Asking && http_.status() != 0) {
        end_in_order(State::Answered, probe_body_limit);
        answer(ProbeResult::Ready, "HTTP " + std::to_string(http_.status()));
    } else if (state_ == State::Asking && http_.is_invalid()) {
        reset();
        answer(ProbeResult::NotReady, "an answer that is not HTTP");
        return;
    }
    if (state_ == State::Answered && (http_.is_complete() || http_.is_invalid() || read_ > most)) {
        end_in_order(State::WaitsForClose, probe_close_limit);
    }
}

void NetAttempt::closed(const std::string& how) {
    if (state_ == State::Asking) {
        failed(how);
    } else {
        reset();
    }
}

void NetAttempt::failed(const std::string& detail) {
    // The next address is worth a try only while no answer has come.
    if (next_ < target_.host.addresses.size() && answered_) {
        try_next_address();
    } else {
        reset();
        answer(ProbeResult::NotReady, detail);
    }
}

void NetAttempt::answer(ProbeResult result, const std::string& detail) {
    const auto keep_alive = shared_from_this();  // the callback may destroy the probe
    const auto answered = std::exchange(answered_, nullptr);
    if (answered) {
        answered({result, detail, http_.status()});
    }
}

void NetAttempt::time_ran_out() {
    switch (state_) {
        case State::Connecting:
            failed(why_not_connected_);
            break;
        case State::Answered:
        case State::WaitsForClose:
            // The server keeps the connection open for another request, so we close our side first: the side that
            // closes first has its port in TIME_WAIT, and a server without SO_REUSEADDR could not bind again.
            ::shutdown(descriptor(), SHUT_WR);
            end_in_order(State::ClosedOurSide, probe_close_limit);
            break;
        case State::Asking:
        case State::ClosedOurSide:
            reset();
            break;
    }
}

/// A server that writes to a connection after we have closed it is hit by SIGPIPE or logs an error.
void NetAttempt::end_in_order(State state, Millis limit) {
    state_ = state;
    limit_.start(limit);
    ending_.add(shared_from_this());
}

void NetAttempt::reset() {
    const auto keep_alive = shared_from_this();
    limit_.stop();
    close();
    ending_.remove(keep_alive);
}

/// No TIME_WAIT is left on either side, socket(7) on SO_LINGER.
void NetAttempt::close() {
    if (connection_ && state_ != State::Connecting) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    connection_.reset();
}

int NetAttempt::descriptor() const {
    uv_os_fd_t fd = -1;
    uv_fileno(reinterpret_cast<const uv_handle_t*>(&connection_->uv), &fd);
    return fd;
}

void NetAttempt::abandon() {
    answered_ = nullptr;
    switch (state_) {
        case State::Connecting:
            reset();
            break;
        case State::Asking:
            end_in_order(State::Asking, probe_abandoned_limit);
            break;
        case State::Answered:
        case State::WaitsForClose:
        case State::ClosedOurSide:
            break;
    }
}

}  // namespace vlmshim::loop
