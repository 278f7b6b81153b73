#include "vlmshim/loop/net_probe.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <uv.h>

#include <array>
#include <cstring>
#include <set>

#include "uv_handle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/http_answer.hpp"
#include "vlmshim/core/values/http_request.hpp"

namespace vlmshim::loop {

namespace {

sockaddr_storage to_sockaddr(const Address& address, Port port) {
    sockaddr_storage where{};
    if (address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(where);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port.number);
        std::memcpy(&v4.sin_addr, address.v4_bytes().data(), sizeof v4.sin_addr);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port.number);
        std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    }
    return where;
}

std::string request_for(const NetTarget& target) {
    const std::string host = target.host.text + ":" + std::to_string(target.port.number);
    return http_request(*target.http_path, host, target.headers);
}

}  // namespace

/// Connections whose answer is known, or not needed any more, until they have ended in order.
class NetProbe::Ending {
public:
    void add(std::shared_ptr<Attempt> attempt) { attempts_.insert(std::move(attempt)); }
    void remove(const std::shared_ptr<Attempt>& attempt) { attempts_.erase(attempt); }

private:
    std::set<std::shared_ptr<Attempt>> attempts_;
};

/// Shared with the callbacks of the connection under way, which may outlive the probe.
class NetProbe::Attempt : public std::enable_shared_from_this<NetProbe::Attempt> {
public:
    Attempt(Loop& loop, NetTarget target, Ending& ending, std::function<void(const NetAnswer&)> answered)
        : loop_(loop),
          target_(std::move(target)),
          ending_(ending),
          answered_(std::move(answered)),
          limit_(loop, [this] { time_is_over(); }) {}
    ~Attempt() { close(); }

    void try_next_address();
    void abandon();

private:
    enum class State {
        Connecting,
        Asking,
        Answered,       // the rest of the answer is read
        WaitsForEnd,    // for the other side to close
        WaitsAfterOurs  // the same, after we have closed ours
    };

    /// The libuv side of one connection.
    struct Connection : UvHandle<Connection, uv_tcp_t> {
        std::weak_ptr<Attempt> owner;
        uv_connect_t connect{};
        uv_write_t write{};
        std::string request;
        std::array<char, 16 * 1024> buffer{};
    };

    static void on_connected(uv_connect_t* connect, int status);
    static void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
    void connected(Connection& connection);
    void received(std::string_view bytes);
    void closed(const std::string& how);
    void failed(const std::string& detail);
    void answer(ProbeResult result, const std::string& detail);
    void time_is_over();
    void end_in_order(State state, Millis limit);
    void reset();
    void close();
    int descriptor() const;

    Loop& loop_;
    NetTarget target_;
    Ending& ending_;
    std::function<void(const NetAnswer&)> answered_;
    std::size_t next_ = 0;
    std::unique_ptr<Connection, CloseHandle> connection_;
    HttpAnswer http_;
    std::size_t read_ = 0;
    State state_ = State::Connecting;
    std::string why_not_connected_;
    Timer limit_;
};

void NetProbe::Attempt::try_next_address() {
    const sockaddr_storage where = to_sockaddr(target_.host.addresses[next_++], target_.port);
    connection_.reset(new Connection);
    connection_->owner = weak_from_this();
    state_ = State::Connecting;
    http_ = HttpAnswer{};
    int result = uv_tcp_init(loop_.raw(), &connection_->uv);
    if (result == 0) {
        result = uv_tcp_connect(&connection_->connect, &connection_->uv, reinterpret_cast<const sockaddr*>(&where),
                                on_connected);
    }
    // Told from the loop, never from inside the constructor.
    why_not_connected_ = result != 0 ? uv_strerror(result) : "no connection in 5 s";
    limit_.start(result != 0 ? Millis{0} : probe_connect_limit);
}

void NetProbe::Attempt::on_connected(uv_connect_t* connect, int status) {
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

void NetProbe::Attempt::connected(Connection& connection) {
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

void NetProbe::Attempt::on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
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

void NetProbe::Attempt::received(std::string_view bytes) {
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
        end_in_order(State::WaitsForEnd, probe_close_limit);
    }
}

void NetProbe::Attempt::closed(const std::string& how) {
    if (state_ == State::Asking) {
        failed(how);
    } else {
        reset();
    }
}

void NetProbe::Attempt::failed(const std::string& detail) {
    // Only where nobody answered is the next address worth a try.
    if (next_ < target_.host.addresses.size() && answered_) {
        try_next_address();
    } else {
        reset();
        answer(ProbeResult::NotReady, detail);
    }
}

void NetProbe::Attempt::answer(ProbeResult result, const std::string& detail) {
    const auto keep_alive = shared_from_this();  // the callback may destroy the probe
    const auto answered = std::exchange(answered_, nullptr);
    if (answered) {
        answered({result, detail, http_.status()});
    }
}

void NetProbe::Attempt::time_is_over() {
    switch (state_) {
        case State::Connecting:
            failed(why_not_connected_);
            break;
        case State::Answered:
        case State::WaitsForEnd:
            // It keeps the connection for another question. That it comes after our end is its close, not ours:
            // whoever closes first has the port in TIME_WAIT, and a server without SO_REUSEADDR could not bind again.
            ::shutdown(descriptor(), SHUT_WR);
            end_in_order(State::WaitsAfterOurs, probe_close_limit);
            break;
        case State::Asking:
        case State::WaitsAfterOurs:
            reset();
            break;
    }
}

/// A server that writes to a connection which we have closed would be hit by SIGPIPE, or would log an error.
void NetProbe::Attempt::end_in_order(State state, Millis limit) {
    state_ = state;
    limit_.start(limit);
    ending_.add(shared_from_this());
}

void NetProbe::Attempt::reset() {
    const auto keep_alive = shared_from_this();
    limit_.stop();
    close();
    ending_.remove(keep_alive);
}

/// No TIME_WAIT is left on either side, socket(7) on SO_LINGER.
void NetProbe::Attempt::close() {
    if (connection_ && state_ != State::Connecting) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    connection_.reset();
}

int NetProbe::Attempt::descriptor() const {
    uv_os_fd_t fd = -1;
    uv_fileno(reinterpret_cast<const uv_handle_t*>(&connection_->uv), &fd);
    return fd;
}

void NetProbe::Attempt::abandon() {
    answered_ = nullptr;
    switch (state_) {
        case State::Connecting:
            reset();
            break;
        case State::Asking:
            end_in_order(State::Asking, probe_abandoned_limit);
            break;
        case State::Answered:
        case State::WaitsForEnd:
        case State::WaitsAfterOurs:
            break;
    }
}

NetProbe::NetProbe(Loop& loop, NetTarget target, std::shared_ptr<Ending> ending,
                   std::function<void(const NetAnswer&)> answered)
    : ending_(std::move(ending)),
      attempt_(std::make_shared<Attempt>(loop, std::move(target), *ending_, std::move(answered))) {
    attempt_->try_next_address();
}

NetProbe::~NetProbe() {
    attempt_->abandon();
}

AskNetwork ask_network(Loop& loop) {
    return [&loop, ending = std::make_shared<NetProbe::Ending>()](const NetTarget& target,
                                                                  std::function<void(const NetAnswer&)> answered) {
        return std::make_unique<NetProbe>(loop, target, ending, std::move(answered));
    };
}

}  // namespace vlmshim::loop
